### Every page of redemption, in the order a guest meets them.
###
### $organisation   display name of the tenant that invites       $domain    its primary domain
### $inviter        the inviter's name                            $app       the application that invited
### $address        an e-mail address (masked where it must be)   $host      host of the invite redirect URL
### $duration, $moment   made by `Catalogue::duration` and `dates::moment`
### EM(…) marks what the eye should find: <strong> in HTML, nothing in plain text.

## Frame: frame-title, -product, -language, -language-apply, -step, -privacy, -no-privacy, -contact, -reference, -time, -problem

frame-title = { $page } · { $organisation }
frame-product = vestibule
frame-language = Language
frame-language-apply = Change
frame-step = Step { $step } of { $steps }
frame-privacy = Privacy statement of { $organisation }
frame-no-privacy = { $organisation } has not provided a privacy statement.
frame-contact = Help from { $organisation }
frame-reference = Reference
frame-time = Time
frame-problem = There is a problem

## S1, the invitation: invited-title, -lead, -lead-inviter, -lead-app, -message-by, -message-by-organisation,
## -address-label, -destination-label, -destination, -expires-label, -caution, -send-code, -send-code-hint,
## -signed-in-as, -continue-as, -another-account, -block, -decline

invited-title = You're invited
invited-lead = { EM($organisation) } ({ $domain }) invites you to join as a guest.
invited-lead-inviter = { EM($organisation) } ({ $domain }) invites you to join as a guest. { EM($inviter) } sent the invitation.
invited-lead-app = { EM($organisation) } ({ $domain }) invites you to join as a guest, through { EM($app) }.
invited-message-by = Message from { $inviter }
invited-message-by-organisation = Message from { $organisation }
invited-address-label = Invited address
invited-destination-label = Afterwards
invited-destination = You go to { EM($host) }
invited-expires-label = Valid until
invited-caution = Continue only if you expected this invitation and know who sent it.
invited-send-code = Send code
invited-send-code-hint = We will send a code of 8 digits to { $address }.
invited-signed-in-as = You are signed in as { EM($name) }.
invited-continue-as = Continue as { $name }
invited-another-account = Use another account
invited-block = Block future invitations from { $organisation }
invited-decline = Decline

## S1 for a guest who accepted before: welcome-title, -lead, -lead-signed-in

welcome-title = Welcome back
welcome-lead = You are already a guest of { EM($organisation) } ({ $domain }). Confirm your address to go on.
welcome-lead-signed-in = You are already a guest of { EM($organisation) } ({ $domain }).

## S2, the passcode: code-title, -lead, -before-decline, -before-block, -spam, -label, -verify, -resend, -resend-wait,
## -another-method, -check; each trouble as one text, those about the field also as -title and -detail for the summary:
## code-wrong, -dead, -expired, -malformed, -locked; code-too-soon, -limit, -unsent

code-title = Enter code
code-lead = We sent a code to { EM($address) }. It works for { $lifetime }.
code-before-decline = To decline the invitation, first show that this address is yours.
code-before-block = To block invitations, first show that this address is yours.
code-spam = Nothing there? Look into the spam folder, for mail from { $sender }.
code-label = Code
code-verify = Verify
code-resend = Send a new code
code-resend-wait = You can ask for a new code in { $duration }.
code-another-method = Use another method
code-check = Check the code

code-wrong = That code isn't right. { $tries ->
    [one] { $tries } try left.
   *[other] { $tries } tries left.
}
code-wrong-title = That code isn't right
code-wrong-detail = { $tries ->
    [one] { $tries } try left.
   *[other] { $tries } tries left.
}
code-dead = Too many wrong codes. Ask for a new one.
code-dead-title = Too many wrong codes
code-dead-detail = Ask for a new one.
code-expired = That code has expired. Ask for a new one.
code-expired-title = That code has expired
code-expired-detail = Ask for a new one.
code-malformed = Enter the 8 digits from the e-mail.
code-malformed-title = The code is incomplete
code-malformed-detail = Enter the 8 digits from the e-mail.
code-locked = Too many wrong codes for this address. Try again in { $duration }.
code-locked-title = Too many wrong codes for this address
code-locked-detail = Try again in { $duration }.
code-too-soon = We have just sent a code. You can ask for a new one in { $duration }.
code-limit = Too many attempts. Try again in { $duration }.
code-unsent = We could not send the e-mail. Try again in a few minutes.

## S5, consent: consent-title, -lead, -asker, -account-label, -another-account, -shared-label, -shared,
## -destination-label, -destination, -rights, -withdraw, -privacy, -no-privacy,
## -contact-label, -accept, -cancel, -unproved

consent-title = Review permissions
consent-lead = { EM($organisation) } ({ $domain }) asks to keep a guest account for you.
consent-asker = It is { $organisation } that asks, not the operator of this service.
consent-account-label = Signed in as
consent-another-account = Use another account
consent-shared-label = Shared with { $organisation }
consent-shared = Your name, e-mail address, photo and directory identifiers
consent-destination-label = Afterwards
consent-destination = You go to { EM($host) }
consent-rights = { $organisation } may record what you do in its apps, and may create, manage and remove your guest account under its policies.
consent-withdraw = You can withdraw your consent at any time under “my organisations”.
consent-privacy = Privacy statement of { $organisation }
consent-no-privacy = { $organisation } has not provided a privacy statement.
consent-contact-label = Privacy contact
consent-accept = Accept
consent-cancel = Cancel
consent-unproved = Confirm your address first. Then you can review the permissions.

## S7, accepted: done-title, -lead, -already, -forward, -continue, -return

done-title = You're in
done-lead = You are now a guest of { EM($organisation) }.
done-already = You have already accepted this invitation from { EM($organisation) }.
done-forward = You are being taken to { EM($host) }.
done-continue = Continue to { $host }
done-return = The link in the mail brings you back whenever you need it.

## S8, cancelled: cancelled-title, -lead, -back, -decline, -block

cancelled-title = You haven't joined
cancelled-lead = Nothing was shared with { $organisation }. The invitation stays open.
cancelled-back = Go back
cancelled-decline = Decline the invitation
cancelled-block = Block future invitations

## S8D, declining: decline-title, -lead, -reason-label, -reason-hint, -reason-too-long, -reason-too-long-title, -detail,
## -confirm, -back; afterwards declined-title, -lead, -block

decline-title = Decline the invitation?
decline-lead = Nothing is shared with { $organisation }, and the link stops working. { $organisation } can see that you declined.
decline-reason-label = Reason (optional)
decline-reason-hint = { $organisation } can read it. At most 500 characters.
decline-reason-too-long = Shorten the reason to 500 characters.
decline-reason-too-long-title = The reason is too long
decline-reason-too-long-detail = It can have at most 500 characters.
decline-confirm = Decline the invitation
decline-back = Go back
declined-title = You declined the invitation
declined-lead = Nothing was shared with { $organisation }. You can close this page.
declined-block = Block future invitations

## S9, my apps: apps-title, -greeting, -empty, -sign-out; without a session apps-closed-title, -closed-lead;
## after signing out apps-signed-out-title, -signed-out-lead

apps-title = My Apps
apps-greeting = Hello, { $name }
apps-empty = { $organisation } hasn't shared any app with you yet.
apps-sign-out = Sign out
apps-closed-title = You are not signed in
apps-closed-lead = Open the link in the mail that invited you. It brings you back here.
apps-signed-out-title = You are signed out
apps-signed-out-lead = To come back, open the link in the mail that invited you.

## S13, blocking: block-title, -lead, -account, -confirm, -cancel; then blocked-title, -lead, -undo; then
## unblocked-title, -lead

block-title = Block { $organisation }?
block-lead = Invitations from { $organisation } ({ $domain }) will no longer be sent to { EM($address) }.
block-account = This does not end a guest account you already have. Sign-in codes you ask for still reach you.
block-confirm = Block
block-cancel = Cancel
blocked-title = You won't get invitations from { $organisation } any more
blocked-lead = { EM($address) } is blocked for invitations from { $organisation }.
blocked-undo = Undo
unblocked-title = The block is lifted
unblocked-lead = { $organisation } can send invitations to { EM($address) } again.
