use uuid::Uuid;
use vestibule_directory::Error;
use vestibule_directory::setup::{First, NewTenant};
use vestibule_model::invitation::InvitationRules;
use vestibule_model::{Permission, Refusal, TenantId};

use crate::fixture::{House, app, contoso};

fn fabrikam() -> NewTenant {
    let mut new = contoso();
    new.tenant.id = TenantId(Uuid::from_u128(0xfab));
    new.tenant.initial_domain = "fabrikam.localhost".into();
    new.domains[0].name = "fabrikam.localhost".into();
    new
}

#[tokio::test]
async fn a_tenant_stands_whole_and_is_told() {
    let house = House::new().await;
    let reader = app(&[Permission::DirectoryReadAll]);

    let (tenant, domains) = house.directory.organization(&reader, &house.context()).await.unwrap();

    assert_eq!((tenant.display_name.as_str(), domains.len()), ("Contoso", 1));
    let told: Vec<_> = house.audit().await.iter().map(|event| event.activity.name()).collect();
    assert_eq!(told, ["Create company", "Add verified domain", "Add application"]);
}

#[tokio::test]
async fn init_makes_the_first_tenant_only() {
    let house = House::empty(InvitationRules::default()).await;
    let make = async |new, first| house.directory.create_tenant(new, first, &house.context()).await;

    make(contoso(), First::Only).await.unwrap();
    assert!(matches!(make(fabrikam(), First::Only).await, Err(Error::Stale)));
    make(fabrikam(), First::OneOfMany).await.unwrap();

    assert_eq!(house.directory.tenants().await.unwrap().len(), 2);
}

#[tokio::test]
async fn a_domain_belongs_to_one_tenant() {
    let house = House::new().await;
    let mut squatter = fabrikam();
    squatter.domains = contoso().domains;

    let made = house.directory.create_tenant(squatter, First::OneOfMany, &house.context()).await;

    assert!(matches!(made, Err(Error::Stale)));
    assert_eq!(house.directory.tenants().await.unwrap().len(), 1);
}

#[tokio::test]
async fn reading_needs_the_permission_and_a_token_that_still_counts() {
    let house = House::new().await;
    let context = house.context();
    let may = app(&[Permission::DomainReadAll]);
    let mut stranger = may.clone();
    stranger.tenant = TenantId(Uuid::from_u128(0xbad));

    assert_eq!(house.directory.domains(&may, &context).await.unwrap().len(), 1);
    let organization = house.directory.organization(&may, &context).await;
    assert!(matches!(organization, Err(Error::Refused(Refusal::NotAllowed))));
    let elsewhere = house.directory.domains(&stranger, &context).await;
    assert!(matches!(elsewhere, Err(Error::Refused(Refusal::CallerRevoked))));
}
