### 초대 수락 화면 전체. 손님이 만나는 순서대로.
###
### 문체: 하십시오체. 조직이 먼저, 그다음 초대한 사람(이름 뒤에 님). 용어: 초대, 수락, 거절, 게스트 사용자, 조직, 인증 코드,
### 개인정보처리방침, 이용약관. JOSA($name, "을/를")은 이름의 끝소리에 맞는 조사를 고르고,
### NIM($name, "이/가")는 사람 이름에만 님을 붙인 뒤 조사를 고릅니다(메일 주소에는 님을 붙이지 않습니다).

## Frame

frame-title = { $page } · { $organisation }
frame-product = vestibule
frame-language = 언어
frame-language-apply = 변경
frame-step = { $step }/{ $steps }단계
frame-privacy = { $organisation } 개인정보처리방침
frame-no-privacy = { $organisation }에서 개인정보처리방침을 제공하지 않았습니다.
frame-contact = { $organisation }에 문의
frame-reference = 참조 번호
frame-time = 시각
frame-problem = 확인이 필요합니다

## S1

invited-title = 초대를 받으셨습니다
invited-lead = { EM($organisation) }({ $domain })에서 게스트 사용자로 초대했습니다.
invited-lead-inviter = { EM($organisation) }({ $domain })의 { EM($inviter) } 님이 게스트 사용자로 초대했습니다.
invited-lead-app = { EM($organisation) }({ $domain })에서 { EM($app) } 앱을 통해 게스트 사용자로 초대했습니다.
invited-message-by = { $inviter } 님의 메시지
invited-message-by-organisation = { $organisation }의 메시지
invited-address-label = 초대받은 주소
invited-destination-label = 수락한 뒤 이동
invited-destination = { EM($host) }
invited-expires-label = 유효 기간
invited-caution = 예상하던 초대이고 보낸 사람을 아는 경우에만 계속하십시오.
invited-send-code = 인증 코드 보내기
invited-send-code-hint = { $address } 주소로 8자리 인증 코드를 보냅니다.
invited-signed-in-as = { EM($name) }{ NIM($name, "으로/로") } 로그인되어 있습니다.
invited-continue-as = { $name }{ NIM($name, "으로/로") } 계속
invited-another-account = 다른 계정 사용
invited-block = { $organisation }의 초대 차단
invited-decline = 거절

## S1, 이미 수락한 게스트 사용자

welcome-title = 다시 오신 것을 환영합니다
welcome-lead = 이미 { EM($organisation) }({ $domain })의 게스트 사용자입니다. 계속하려면 주소를 확인해 주십시오.
welcome-lead-signed-in = 이미 { EM($organisation) }({ $domain })의 게스트 사용자입니다.

## S2

code-title = 인증 코드 입력
code-lead = { EM($address) } 주소로 인증 코드를 보냈습니다. { $lifetime } 동안 사용할 수 있습니다.
code-before-decline = 초대를 거절하려면 먼저 본인의 주소인지 확인해야 합니다.
code-before-block = 초대를 차단하려면 먼저 본인의 주소인지 확인해야 합니다.
code-spam = 메일이 오지 않았습니까? 스팸 메일함에서 { $sender } 주소로 온 메일을 찾아보십시오.
code-label = 인증 코드
code-verify = 확인
code-resend = 새 인증 코드 보내기
code-resend-wait = { $duration } 뒤에 새 인증 코드를 요청할 수 있습니다.
code-another-method = 다른 방법 사용
code-check = 인증 코드 확인하기

code-wrong = 인증 코드가 맞지 않습니다. { $tries }번 더 입력할 수 있습니다.
code-wrong-title = 인증 코드가 맞지 않습니다
code-wrong-detail = { $tries }번 더 입력할 수 있습니다.
code-dead = 잘못된 인증 코드를 너무 많이 입력했습니다. 새 인증 코드를 요청하십시오.
code-dead-title = 잘못된 인증 코드를 너무 많이 입력했습니다
code-dead-detail = 새 인증 코드를 요청하십시오.
code-expired = 인증 코드의 유효 시간이 지났습니다. 새 인증 코드를 요청하십시오.
code-expired-title = 인증 코드의 유효 시간이 지났습니다
code-expired-detail = 새 인증 코드를 요청하십시오.
code-malformed = 메일에 있는 숫자 8자리를 입력하십시오.
code-malformed-title = 인증 코드가 완전하지 않습니다
code-malformed-detail = 메일에 있는 숫자 8자리를 입력하십시오.
code-locked = 이 주소로 잘못된 인증 코드를 너무 많이 입력했습니다. { $duration } 뒤에 다시 시도하십시오.
code-locked-title = 이 주소로 잘못된 인증 코드를 너무 많이 입력했습니다
code-locked-detail = { $duration } 뒤에 다시 시도하십시오.
code-too-soon = 방금 인증 코드를 보냈습니다. { $duration } 뒤에 새 인증 코드를 요청할 수 있습니다.
code-limit = 시도가 너무 많았습니다. { $duration } 뒤에 다시 시도하십시오.
code-unsent = 메일을 보내지 못했습니다. 몇 분 뒤에 다시 시도하십시오.

## S5

consent-title = 권한 검토
consent-lead = { EM($organisation) }({ $domain })에서 게스트 사용자 계정을 만들어 관리하려고 합니다.
consent-asker = 이 서비스의 운영자가 아니라 { $organisation }에서 요청합니다.
consent-account-label = 로그인한 계정
consent-another-account = 다른 계정 사용
consent-shared-label = { $organisation }에 제공되는 정보
consent-shared = 이름, 메일 주소, 사진, 디렉터리 식별자
consent-destination-label = 수락한 뒤 이동
consent-destination = { EM($host) }
consent-rights = { $organisation }{ JOSA($organisation, "은/는") } 자체 앱에서 이루어진 활동을 기록할 수 있으며, 조직의 정책에 따라 게스트 사용자 계정을 만들고 관리하고 삭제할 수 있습니다.
consent-withdraw = ‘내 조직’에서 언제든지 동의를 철회할 수 있습니다.
consent-privacy = { $organisation } 개인정보처리방침
consent-no-privacy = { $organisation }에서 개인정보처리방침을 제공하지 않았습니다.
consent-contact-label = 개인정보 문의처
consent-accept = 수락
consent-cancel = 취소
consent-unproved = 먼저 주소를 확인해 주십시오. 그다음 권한을 검토할 수 있습니다.

## S7

done-title = 초대를 수락했습니다
done-lead = 이제 { EM($organisation) }의 게스트 사용자입니다.
done-already = { EM($organisation) }의 초대를 이미 수락했습니다.
done-forward = { EM($host) }{ JOSA($host, "으로/로") } 이동합니다.
done-continue = { $host }{ JOSA($host, "으로/로") } 계속
done-return = 필요할 때 메일에 있는 링크로 다시 올 수 있습니다.

## S8

cancelled-title = 초대를 수락하지 않았습니다
cancelled-lead = { $organisation }에 제공된 정보가 없습니다. 초대는 그대로 유효합니다.
cancelled-back = 돌아가기
cancelled-decline = 초대 거절
cancelled-block = 앞으로의 초대 차단

## S8D

decline-title = 초대를 거절하시겠습니까?
decline-lead = { $organisation }에 제공되는 정보는 없으며, 링크는 더 이상 사용할 수 없게 됩니다. { $organisation }에서 거절 사실을 볼 수 있습니다.
decline-reason-label = 이유(선택 사항)
decline-reason-hint = { $organisation }에서 읽을 수 있습니다. 500자까지 입력할 수 있습니다.
decline-reason-too-long = 이유를 500자 이내로 줄여 주십시오.
decline-reason-too-long-title = 이유가 너무 깁니다
decline-reason-too-long-detail = 500자까지 입력할 수 있습니다.
decline-confirm = 초대 거절
decline-back = 돌아가기
declined-title = 초대를 거절했습니다
declined-lead = { $organisation }에 제공된 정보가 없습니다. 이 화면을 닫아도 됩니다.
declined-block = 앞으로의 초대 차단

## S9

apps-title = 내 앱
apps-greeting = { $name }{ NIM($name) }, 안녕하십니까
apps-empty = 아직 { $organisation }에서 공유한 앱이 없습니다.
apps-sign-out = 로그아웃
apps-closed-title = 로그인되어 있지 않습니다
apps-closed-lead = 초대 메일에 있는 링크를 여십시오. 이 화면으로 다시 연결됩니다.
apps-signed-out-title = 로그아웃했습니다
apps-signed-out-lead = 다시 오려면 초대 메일에 있는 링크를 여십시오.

## S13

block-title = { $organisation }의 초대를 차단하시겠습니까?
block-lead = 앞으로 { $organisation }({ $domain })의 초대를 { EM($address) } 주소로 보내지 않습니다.
block-account = 이미 있는 게스트 사용자 계정은 없어지지 않으며, 직접 요청한 인증 코드는 계속 받습니다.
block-confirm = 차단
block-cancel = 취소
blocked-title = 앞으로 { $organisation }의 초대를 받지 않습니다
blocked-lead = { $organisation }의 초대를 { EM($address) } 주소로 보내지 않도록 차단했습니다.
blocked-undo = 차단 취소
unblocked-title = 차단을 취소했습니다
unblocked-lead = { $organisation }에서 { EM($address) } 주소로 다시 초대를 보낼 수 있습니다.
