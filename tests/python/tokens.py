"""Tokens as azure-identity (sync: with discovery; async: without) and MSAL Python get them, each used once on Graph."""

import asyncio
import json
import os
import urllib.request
import ssl

import msal
from azure.core.exceptions import ClientAuthenticationError
from azure.identity import ClientSecretCredential
from azure.identity.aio import ClientSecretCredential as AsyncClientSecretCredential

SERVER, TENANT = os.environ["SERVER"], os.environ["TENANT"]
ID, SECRET = os.environ["CLIENT_ID"], os.environ["CLIENT_SECRET"]
SCOPE = f"{SERVER}/.default"


async def main() -> None:
    options = {"authority": SERVER, "disable_instance_discovery": True}
    seen = {"sync": use(ClientSecretCredential(TENANT, ID, SECRET, **options).get_token(SCOPE).token)}

    async with AsyncClientSecretCredential(TENANT, ID, SECRET, **options) as credential:
        seen["async"] = use((await credential.get_token(SCOPE)).token)

    app = msal.ConfidentialClientApplication(
        ID, authority=f"{SERVER}/{TENANT}", client_credential=SECRET, instance_discovery=False
    )
    answer = app.acquire_token_for_client([SCOPE])
    seen["msal"] = use(answer["access_token"]) if "access_token" in answer else answer

    try:
        ClientSecretCredential(TENANT, ID, "not the secret", **options).get_token(SCOPE)
        seen["wrong_secret"] = "was accepted"
    except ClientAuthenticationError as error:
        seen["wrong_secret"] = str(error)
    print(json.dumps(seen))


def use(token: str) -> dict:
    request = urllib.request.Request(f"{SERVER}/v1.0/users?$top=1", headers={"Authorization": f"Bearer {token}"})
    with urllib.request.urlopen(request, context=ssl.create_default_context()) as answer:
        return {"status": answer.status, "users": len(json.load(answer)["value"])}


asyncio.run(main())
