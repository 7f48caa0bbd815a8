### 메일. $address는 초대받은 주소 전체입니다.

## 초대 메일

mail-from-name = { $organisation } 초대
mail-from-name-plain = 초대
mail-subject = { $organisation }의 { $inviter } 님이 초대했습니다
mail-subject-app = { $organisation }에서 게스트 사용자로 초대했습니다
mail-title = { $organisation }의 { $inviter } 님이 초대했습니다
mail-title-app = { $organisation }에서 게스트 사용자로 초대했습니다
mail-for = { EM($address) } 주소로 보낸 초대입니다.
mail-caution = { $organisation }({ $domain })의 초대를 예상하고 있었고 { $inviter } 님을 아는 경우에만 수락하십시오.
mail-caution-app = { $organisation }({ $domain })의 초대를 예상하고 있었던 경우에만 수락하십시오.
mail-who = { EM($organisation) }({ $domain })의 { EM($inviter) } 님이 게스트 사용자로 초대했습니다.
mail-who-app = { EM($organisation) }({ $domain })에서 게스트 사용자로 초대했습니다.
mail-who-app-name = { EM($organisation) }({ $domain })에서 { $app } 앱을 통해 게스트 사용자로 초대했습니다.
mail-message-by = { $inviter } 님의 메시지
mail-message-by-organisation = { $organisation }의 메시지
mail-steps = 먼저 이 주소로 인증 코드를 보내고, { $organisation }에 제공되는 정보를 보여 드립니다. 수락하기 전에는 아무 정보도 제공되지 않습니다.
mail-destination = 수락하면 다음 주소로 이동합니다: { $url }
mail-button = 초대 수락
mail-link = 브라우저에서 다음 주소를 열어도 됩니다.
mail-again = 나중에 다시 올 때에도 이 링크를 사용할 수 있습니다.
mail-expires = 초대는 { EM($moment) }까지 유효합니다.
mail-cc = { EM($name) }{ NIM($name, "을/를") } 초대했습니다. 따로 하실 일은 없습니다.
mail-why = { $organisation }에서 { $address } 주소로 초대를 보내 이 메일을 받으셨습니다.
mail-why-cc = { $organisation }에서 { $address } 주소로 보낸 초대에 참조로 지정되어 이 메일을 받으셨습니다.
mail-block = { $organisation }의 초대 차단:
mail-block-link = 앞으로의 초대 차단
mail-privacy = { $organisation } 개인정보처리방침:
mail-privacy-link = { $organisation } 개인정보처리방침
mail-no-privacy = { $organisation }에서 개인정보처리방침을 제공하지 않았습니다.
mail-ask-inviter = 궁금한 점은 이 메일에 답장해 주십시오. { $inviter } 님에게 전달됩니다.
mail-ask-organisation = 궁금한 점은 { $organisation }의 담당자에게 문의하십시오.
mail-unattended = 발신 전용 주소에서 보낸 메일입니다.

## 인증 코드 메일

passcode-subject = { $organisation }: 로그인 인증 코드
passcode-lead = { EM($organisation) } 인증 코드입니다.
passcode-valid = { $duration } 동안 사용할 수 있습니다.
passcode-request = { $moment }에 요청했습니다.
passcode-request-browser = { $moment }에 { $browser }에서 요청했습니다.
passcode-ignore = 직접 요청하지 않았다면 이 메일을 무시하십시오. 누구도 인증 코드를 묻지 않습니다.

## 시간의 길이

duration-seconds = { $count }초
duration-minutes = { $count }분
duration-hours = { $count }시간
duration-days = { $count }일
