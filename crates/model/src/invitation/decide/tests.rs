mod order;
mod outcomes;
mod rights;
mod scene;
