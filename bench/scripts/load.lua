-- The load of one run: wrk -s load.lua URL -- KIND ARGUMENTS…
-- Every answer is checked; a bad one is counted, and the first is shown. The last line is read by src/wrk.rs.

local kinds = {}

-- POST /invitations, each of an address that nobody has yet. Arguments: token, prefix of the addresses, "mail" or "".
function kinds.invite(token, prefix, mail)
  local headers = { ["Authorization"] = "Bearer " .. token, ["Content-Type"] = "application/json" }
  local start = '{"invitedUserEmailAddress":"' .. prefix .. "-" .. number .. "-"
  local rest = '@fabrikam.com","inviteRedirectUrl":"https://myapps.microsoft.com/","sendInvitationMessage":'
    .. tostring(mail == "mail") .. "}"
  local echoed = '"invitedUserEmailAddress":"' .. prefix .. "-" .. number .. "-"
  local sent = 0
  return function()
    sent = sent + 1
    return wrk.format("POST", "/v1.0/invitations", headers, start .. sent .. rest)
  end, function(status, body)
    return status == 201 and contains(body, '"status":"PendingAcceptance"') and contains(body, echoed)
      and contains(body, '"inviteRedeemUrl":"')
  end
end

-- The look-up in five branches, of guests of the populated directory. Arguments: token, how many guests there are.
function kinds.lookup(token, guests)
  local headers = { ["Authorization"] = "Bearer " .. token }
  local filter = "/v1.0/users?$filter=userPrincipalName%20eq%20'{0}'%20or%20mail%20eq%20'{0}'"
    .. "%20or%20proxyAddresses/any(x:x%20eq%20'SMTP:{0}')%20or%20signInNames/any(x:x%20eq%20'{0}')"
    .. "%20or%20otherMails/any(x:x%20eq%20'{0}')"
  return function()
    local target = filter:gsub("{0}", address_of(math.random(0, guests - 1)))
    return wrk.format("GET", target, headers)
  end, function(status, body)
    return status == 200 and contains(body, '"value":[{') and contains(body, '"mail":"guest') and one_user(body)
  end
end

-- GET /users/{id} of guests of the populated directory. Arguments: token, how many guests there are.
function kinds.user(token, guests)
  local headers = { ["Authorization"] = "Bearer " .. token }
  return function()
    return wrk.format("GET", "/v1.0/users/" .. id_of(math.random(0, guests - 1)), headers)
  end, function(status, body)
    return status == 200 and contains(body, '"mail":"guest') and one_user(body)
  end
end

-- A token by client_credentials. Arguments: tenant, form body.
function kinds.token(tenant, form)
  local headers = { ["Content-Type"] = "application/x-www-form-urlencoded" }
  return function()
    return wrk.format("POST", "/" .. tenant .. "/oauth2/v2.0/token", headers, form)
  end, function(status, body)
    return status == 200 and contains(body, '"access_token":"ey') and contains(body, '"token_type":"Bearer"')
  end
end

-- The bare route that `bench bare` serves: the same typed struct as /users/{id}. Arguments: none.
function kinds.bare()
  return function()
    return wrk.format("GET", "/user")
  end, function(status, body)
    return status == 200 and contains(body, '"mail":"guest') and one_user(body)
  end
end

function contains(text, words)
  return text:find(words, 1, true) ~= nil
end

function one_user(body)
  local first = body:find('"userPrincipalName":', 1, true)
  return first ~= nil and body:find('"userPrincipalName":', first + 1, true) == nil
end

-- As in src/guests.rs.
function address_of(n)
  return string.format("guest%07d@partner%03d.example", n, n % 500)
end

function id_of(n)
  local millis = 1767225600000 + n
  return string.format("%08x-%04x-7000-8000-%012x", math.floor(millis / 65536), millis % 65536, n)
end

local threads = {}

function setup(thread)
  thread:set("number", #threads)
  table.insert(threads, thread)
end

function init(arguments)
  bad, first_bad = 0, ""
  math.randomseed(number + 1)
  request, is_good = kinds[arguments[1]](arguments[2], arguments[3], arguments[4])
end

-- Replaced by init; it stands here so that wrk sees a request made anew each time.
function request() end

function response(status, headers, body)
  if not is_good(status, body) then
    bad = bad + 1
    if first_bad == "" then
      first_bad = (status .. " " .. body):sub(1, 300)
    end
  end
end

function done(summary, latency, requests)
  local bad, first_bad = 0, ""
  for _, thread in ipairs(threads) do
    bad = bad + thread:get("bad")
    first_bad = first_bad ~= "" and first_bad or thread:get("first_bad")
  end
  local broken = summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout
  io.write(string.format(
    'RESULT {"requests":%d,"micros":%d,"bad":%d,"broken":%d,"first_bad":"%s","p50":%d,"p95":%d,"p99":%d,"worst":%d}\n',
    summary.requests, summary.duration, bad, broken, (first_bad:gsub('[%c"\\]', " ")),
    latency:percentile(50), latency:percentile(95), latency:percentile(99), latency.max))
end
