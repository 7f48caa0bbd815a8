### 오류 화면. 제목(<title>)은 모두 error-title, 화면마다 -title(머리글), -lead(무슨 일인지), -next(다음에 할 일).

error-title = 문제가 있습니다

## S-E1

error-link-title = 링크를 사용할 수 없습니다
error-link-lead = 링크가 잘렸거나 올바르지 않습니다. 메일에 있는 링크 전체를 복사해 다시 여십시오.
error-link-next = 그래도 열리지 않으면 초대한 사람에게 새 초대를 요청하십시오.

## S-E2

error-stale-title = 이 화면에서 계속할 수 없습니다
error-stale-lead = 화면을 너무 오래 열어 두었거나 쿠키가 꺼져 있습니다. 이 절차에는 쿠키가 필요합니다.
error-stale-next = 메일에 있는 링크를 다시 여십시오.
error-stale-start-again = 다시 시작

## S-E3

error-expired-title = 초대가 만료되었습니다
error-expired-lead = { $moment }까지 수락할 수 있는 초대였습니다.
error-expired-next = { $organisation }에 새 초대를 요청하십시오.
error-withdrawn-title = 초대가 철회되었습니다
error-withdrawn-lead = { $organisation }에서 초대를 철회했습니다. 더 이상 수락할 수 없습니다.
error-withdrawn-next = 예상하던 초대라면 { $organisation }에 문의하십시오.
error-declined-title = 거절한 초대입니다
error-declined-lead = 거절한 초대는 다시 수락할 수 없습니다.
error-declined-next = 다시 초대를 받으려면 { $organisation }에 새 초대를 요청하십시오.
error-superseded-title = 더 새로운 초대가 있습니다
error-superseded-lead = { $organisation }의 새 초대가 이 초대를 대신합니다.
error-superseded-next = 가장 최근에 받은 메일의 링크를 여십시오.

## S-E4

error-stranger-title = 아직 이용할 수 없습니다
error-stranger-lead = { EM($address) } 주소는 아직 { $organisation }의 디렉터리에 없습니다.
error-stranger-next = { $organisation }에 초대를 요청하십시오.
error-stranger-sign-in = 다른 계정으로 로그인

## S-E5

error-method-title = 로그인할 방법이 없습니다
error-method-lead = { $organisation }에서 이 주소로 로그인하는 방법을 제공하지 않습니다.
error-method-next = 로그인 방법을 { $organisation }에 문의하십시오.

## S-E8

error-domain-title = 초대를 수락할 수 없습니다
error-domain-lead = { $organisation }에서 더 이상 { $guest-domain } 주소를 게스트 사용자로 받지 않습니다.
error-domain-next = 다른 주소로 초대받을 수 있는지 { $organisation }에 문의하십시오.

## S-E9

error-disabled-title = 접근이 중지되었습니다
error-disabled-lead = { $organisation }에서 접근을 중지했습니다.
error-disabled-next = 다시 사용하려면 { $organisation }에 문의하십시오.

## S-E11

error-limit-title = 지금은 변경할 수 없습니다
error-limit-lead = 차단을 너무 자주 취소했습니다. { $duration } 뒤에 다시 취소할 수 있습니다.
error-limit-next = 그때까지 { $organisation }의 초대를 받지 않습니다.

## S-E12

error-unavailable-title = 지금은 사용할 수 없습니다
error-unavailable-lead = 잃은 내용은 없습니다. 잠시 뒤에 다시 시도하십시오.
error-unavailable-retry = 다시 시도

## S-E13

error-internal-title = 서비스에 오류가 있었습니다
error-internal-lead = 이용하신 분의 잘못이 아니라 서비스의 오류입니다. 절반만 처리된 내용은 없습니다.
error-internal-next = 오류가 되풀이되면 초대한 사람에게 아래 참조 번호를 알려 주십시오.

## 404, 405, 읽을 수 없는 양식

error-missing-title = 화면이 없습니다
error-missing-lead = 이 주소에는 화면이 없습니다. 메일에 있던 주소라면 전체를 복사해 여십시오.
error-verb-title = 이 화면에서 할 수 없는 일입니다
error-verb-lead = 이 화면에서 처리하지 않는 방식으로 요청했습니다.
error-form-title = 양식을 읽을 수 없습니다
error-form-lead = 보낸 내용이 너무 크거나 이 화면의 양식이 아닙니다. 돌아가서 다시 시도하십시오.
