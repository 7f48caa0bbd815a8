### Error pages. One <title> for all (error-title); each has a heading (-title), what happened (-lead) and the one way
### forward (-next). Variables as in redeem.ftl.

error-title = Something's not right

## S-E1: error-link. The same words whatever the cause.

error-link-title = This link doesn't work
error-link-lead = The link is incomplete or not valid. Copy it whole from the mail and try again.
error-link-next = If that doesn't help, ask the person who invited you for a new invitation.

## S-E2: error-stale, with the button -start-again

error-stale-title = This page can't go on
error-stale-lead = The page was open too long, or cookies are off. Cookies are needed for these few steps.
error-stale-next = Open the link in the mail again.
error-stale-start-again = Start again

## S-E3: error-expired, -withdrawn, -declined, -superseded

error-expired-title = This invitation has expired
error-expired-lead = It could be accepted until { $moment }.
error-expired-next = Ask { $organisation } for a new invitation.
error-withdrawn-title = This invitation was withdrawn
error-withdrawn-lead = { $organisation } has withdrawn this invitation. It can no longer be accepted.
error-withdrawn-next = If you expected it, ask { $organisation }.
error-declined-title = This invitation was declined
error-declined-lead = The invitation was declined and can no longer be accepted.
error-declined-next = If you changed your mind, ask { $organisation } for a new invitation.
error-superseded-title = There is a newer invitation
error-superseded-lead = A newer invitation from { $organisation } has taken the place of this one.
error-superseded-next = Open the link in the latest mail.

## S-E4: error-stranger, with the button -sign-in. $address is the visitor's own.

error-stranger-title = You have no access here yet
error-stranger-lead = { EM($address) } isn't in { $organisation }'s directory yet.
error-stranger-next = Ask { $organisation } to invite you.
error-stranger-sign-in = Sign in with another account

## S-E5: error-method

error-method-title = There is no way to sign in
error-method-lead = { $organisation } offers no sign-in method for this address.
error-method-next = Ask { $organisation } how you can sign in.

## S-E8: error-domain. $guest-domain is the part of the invited address after the @.

error-domain-title = The invitation can't be accepted
error-domain-lead = { $organisation } no longer accepts guests from { $guest-domain }.
error-domain-next = Ask { $organisation } whether another address of yours can be invited.

## S-E9: error-disabled

error-disabled-title = Your access is turned off
error-disabled-lead = { $organisation } has turned off your access.
error-disabled-next = Ask { $organisation } to turn it on again.

## S-E11: error-limit. $duration is how long to wait.

error-limit-title = Not just now
error-limit-lead = The block was lifted too often. You can lift it again in { $duration }.
error-limit-next = Until then you get no invitations from { $organisation }.

## S-E12: error-unavailable, with the link -retry

error-unavailable-title = This isn't working right now
error-unavailable-lead = Nothing was lost. Please try again later.
error-unavailable-retry = Try again

## S-E13: error-internal

error-internal-title = This was our fault
error-internal-lead = Something went wrong here, not on your side. Nothing was changed halfway.
error-internal-next = If it happens again, give the reference below to whoever invited you.

## The product's own 404: error-missing; 405: error-verb; a body that is too large or unreadable: error-form

error-missing-title = There is no page here
error-missing-lead = The address leads to nothing. If it came in a mail, copy it whole.
error-verb-title = This page can't do that
error-verb-lead = The page was called in a way it doesn't answer.
error-form-title = The form can't be read
error-form-lead = What was sent is too large, or not a form of this page. Go back and try again.
