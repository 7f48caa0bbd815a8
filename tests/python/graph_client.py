"""What an organisation's own invitation process does with msgraph-sdk: look first, invite, list who is pending, delete.

Prints what it saw as one line of JSON. Everything comes from the environment: SERVER, TENANT, CLIENT_ID,
CLIENT_SECRET, and the authority's certificate in REQUESTS_CA_BUNDLE (azure-identity) and SSL_CERT_FILE.
"""

import asyncio
import json
import os
import ssl

import httpx
from azure.identity import ClientSecretCredential
from kiota_abstractions.base_request_configuration import RequestConfiguration
from kiota_authentication_azure.azure_identity_authentication_provider import AzureIdentityAuthenticationProvider
from kiota_http.kiota_client_factory import KiotaClientFactory
from msgraph import GraphRequestAdapter, GraphServiceClient
from msgraph.generated.audit_logs.directory_audits.directory_audits_request_builder import DirectoryAuditsRequestBuilder
from msgraph.generated.models.email_address import EmailAddress
from msgraph.generated.models.invitation import Invitation
from msgraph.generated.models.invited_user_message_info import InvitedUserMessageInfo
from msgraph.generated.models.o_data_errors.o_data_error import ODataError
from msgraph.generated.models.recipient import Recipient
from msgraph.generated.models.user import User
from msgraph.generated.users.count.count_request_builder import CountRequestBuilder
from msgraph.generated.users.users_request_builder import UsersRequestBuilder

SERVER = os.environ["SERVER"]
LOOK_UP = (
    "userPrincipalName eq '{0}' or mail eq '{0}' or proxyAddresses/any(x:x eq 'SMTP:{0}')"
    " or signInNames/any(x:x eq '{0}') or otherMails/any(x:x eq '{0}')"
)


async def main() -> None:
    graph = client()
    before = await listed(graph, LOOK_UP.format("taylor@fabrikam.com"))
    invited = await graph.invitations.post(
        Invitation(
            invited_user_display_name="Taylor",
            invited_user_email_address="taylor@fabrikam.com",
            invite_redirect_url="https://myapps.microsoft.com/",
            send_invitation_message=True,
            invited_user_message_info=InvitedUserMessageInfo(
                customized_message_body="Hello from the SDK",
                cc_recipients=[Recipient(email_address=EmailAddress(address="boss@contoso.example"))],
            ),
        )
    )
    for number in range(12):
        await graph.invitations.post(
            Invitation(
                invited_user_email_address=f"guest{number}@fabrikam.com",
                invite_redirect_url="https://myapps.microsoft.com/",
            )
        )
    after = await listed(graph, LOOK_UP.format("taylor@fabrikam.com"))
    pending, pages = await pending_guests(graph)
    taylor = graph.users.by_user_id(invited.invited_user.id)
    await taylor.patch(User(job_title="Buyer", business_phones=["+82 2 1234 5678"]))
    patched = await taylor.get()

    await graph.users.by_user_id(invited.invited_user.id).delete()
    error_code = None
    try:
        await graph.users.by_user_id(invited.invited_user.id).get()
    except ODataError as error:
        error_code = error.error.code

    print(json.dumps({
        "before": len(before),
        "after": len(after),
        "invited": {
            "status": invited.status,
            "invite_redeem_url": invited.invite_redeem_url,
        },
        "pending": len(pending),
        "pages": pages,
        "selected": next(user.user_principal_name for user in pending if user.display_name == "Taylor"),
        "patched": [patched.job_title, *patched.business_phones],
        "counted": await counted(graph),
        "recorded": await recorded(graph, invited.invited_user.id),
        "deleted": invited.invited_user.id not in [user.id for user in (await pending_guests(graph))[0]],
        "error_code": error_code,
    }))


def client() -> GraphServiceClient:
    credential = ClientSecretCredential(
        os.environ["TENANT"],
        os.environ["CLIENT_ID"],
        os.environ["CLIENT_SECRET"],
        authority=SERVER,
        disable_instance_discovery=True,
    )
    verify = ssl.create_default_context(cafile=os.environ["SSL_CERT_FILE"])
    http = KiotaClientFactory.create_with_default_middleware(client=httpx.AsyncClient(verify=verify))
    adapter = GraphRequestAdapter(AzureIdentityAuthenticationProvider(credential), http)
    adapter.base_url = f"{SERVER}/v1.0"
    return GraphServiceClient(request_adapter=adapter)


async def listed(graph: GraphServiceClient, query: str) -> list:
    parameters = UsersRequestBuilder.UsersRequestBuilderGetQueryParameters(filter=query)
    page = await graph.users.get(request_configuration=RequestConfiguration(query_parameters=parameters))
    return page.value


async def pending_guests(graph: GraphServiceClient) -> tuple[list, int]:
    parameters = UsersRequestBuilder.UsersRequestBuilderGetQueryParameters(
        filter="externalUserState eq 'PendingAcceptance'",
        select=["id", "displayName", "userPrincipalName", "externalUserState", "externalUserStateChangeDateTime"],
        top=5,
    )
    page = await graph.users.get(request_configuration=RequestConfiguration(query_parameters=parameters))
    users, pages = list(page.value), 1
    while page.odata_next_link:
        page = await graph.users.with_url(page.odata_next_link).get()
        users, pages = users + list(page.value), pages + 1
    return users, pages


async def counted(graph: GraphServiceClient) -> int:
    """Guests of one domain: a filter that needs the advanced pair."""
    parameters = CountRequestBuilder.CountRequestBuilderGetQueryParameters(filter="endsWith(mail,'@fabrikam.com')")
    configuration = RequestConfiguration(query_parameters=parameters)
    configuration.headers.add("ConsistencyLevel", "eventual")
    return await graph.users.count.get(request_configuration=configuration)


async def recorded(graph: GraphServiceClient, user: str) -> list:
    """What the audit log says that our own application did to the user, oldest first."""
    parameters = DirectoryAuditsRequestBuilder.DirectoryAuditsRequestBuilderGetQueryParameters(
        filter=f"targetResources/any(t:t/id eq '{user}') and initiatedBy/app/appId eq '{os.environ['CLIENT_ID']}'",
        orderby=["activityDateTime asc"],
    )
    configuration = RequestConfiguration(query_parameters=parameters)
    page = await graph.audit_logs.directory_audits.get(request_configuration=configuration)
    return [event.activity_display_name for event in page.value]


asyncio.run(main())
