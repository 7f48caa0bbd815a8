### Mail. Variables as in redeem.ftl; here $address is the whole invited address. EM(…) is <strong> in the HTML part.

## Envelope and invitation: mail-from-name, -from-name-plain, -subject, -subject-app, -title, -title-app, -for,
## -caution, -caution-app, -who, -who-app, -who-app-name, -message-by, -message-by-organisation, -steps, -destination,
## -button, -link, -again, -expires, -cc, -why, -why-cc, -block, -block-link, -privacy, -privacy-link, -no-privacy,
## -ask-inviter, -ask-organisation, -unattended

mail-from-name = Invitations on behalf of { $organisation }
mail-from-name-plain = Invitations
mail-subject = { $inviter } invites you to { $organisation }
mail-subject-app = { $organisation } invites you as a guest
mail-title = { $inviter } invites you to { $organisation }
mail-title-app = { $organisation } invites you as a guest
mail-for = This invitation is for { EM($address) }.
mail-caution = Accept only if you expected an invitation from { $organisation } ({ $domain }) and know { $inviter }.
mail-caution-app = Accept only if you expected an invitation from { $organisation } ({ $domain }).
mail-who = { EM($inviter) } invites you to join { EM($organisation) } ({ $domain }) as a guest.
mail-who-app = { EM($organisation) } ({ $domain }) invites you to join as a guest.
mail-who-app-name = { EM($organisation) } ({ $domain }) invites you to join as a guest, through { $app }.
mail-message-by = Message from { $inviter }
mail-message-by-organisation = Message from { $organisation }
mail-steps = We first send a code to your address, then show what { $organisation } will see. Nothing is shared before you accept.
mail-destination = If you accept, you will be taken to { $url }
mail-button = Accept invitation
mail-link = Or open this address in your browser:
mail-again = You can use this link again later to come back.
mail-expires = The invitation ends on { EM($moment) }.
mail-cc = { EM($name) } was invited; you need do nothing.
mail-why = You get this mail because { $organisation } invited { $address }.
mail-why-cc = You get this copy because { $organisation } named you when it invited { $address }.
mail-block = Block future invitations from { $organisation }:
mail-block-link = Block future invitations
mail-privacy = Privacy statement of { $organisation }:
mail-privacy-link = Privacy statement of { $organisation }
mail-no-privacy = { $organisation } has not provided a privacy statement.
mail-ask-inviter = Questions? Your reply goes to { $inviter }.
mail-ask-organisation = Questions? Ask whoever you know at { $organisation }.
mail-unattended = This mail was sent from an unattended address.

## Passcode: passcode-subject, -lead, -valid, -request, -request-browser, -ignore

passcode-subject = { $organisation }: your sign-in code
passcode-lead = This is your code for { EM($organisation) }.
passcode-valid = It works for { $duration }.
passcode-request = It was asked for on { $moment }.
passcode-request-browser = It was asked for on { $moment }, with { $browser }.
passcode-ignore = If this wasn't you, ignore it. Nobody will ever ask you for it.

## Lengths of time: duration-seconds, -minutes, -hours, -days

duration-seconds = { $count ->
    [one] { $count } second
   *[other] { $count } seconds
}
duration-minutes = { $count ->
    [one] { $count } minute
   *[other] { $count } minutes
}
duration-hours = { $count ->
    [one] { $count } hour
   *[other] { $count } hours
}
duration-days = { $count ->
    [one] { $count } day
   *[other] { $count } days
}
