<#
Collects what work365-doctor needs to find out why a Work 365 service account cannot run its jobs, and writes it to one
file: a snapshot. Made by `work365-doctor @@version@@ plan --script powershell`, for Windows PowerShell 5.1 and PowerShell 7.

It reads only. Every request is a GET, every one is listed under "The requests" below, and nothing else is sent but the
sign-in of Microsoft's own modules and one GET of /v1.0/me. Redirects are not followed. No password is asked for by this
script, and no token is written anywhere. A read that is refused costs only its own section.

Signing in: Microsoft.Graph.Authentication (Connect-MgGraph) for Microsoft Graph, with the read permissions below and no
other; Az.Accounts (Connect-AzAccount) for the environment and the admin center, and for Graph too where the first is
missing: then what the Azure sign-in may not read is recorded as denied. If the two modules do not load into one window,
or none may be installed, set WORK365_DOCTOR_GRAPH_TOKEN, WORK365_DOCTOR_DATAVERSE_TOKEN or WORK365_DOCTOR_ADMIN_TOKEN.

  .\collect.ps1 -Account svc@contoso.com -Environment https://contoso.crm4.dynamics.com

The file holds names. Before it leaves, redact it: work365-doctor capture --from FILE

What is read, and the least right that reads it (cloud: @@cloud@@):
@@sections@@
#>
param(
    [string]$Account = @@account@@,
    [string]$Environment = @@environment@@,
    [string]$EnvironmentId = @@environment_id@@,
    [string]$Tenant = @@tenant@@,
    [string]$Output = ''
)
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
if (-not $Account -or -not $Environment) { throw 'give -Account UPN|APPID and -Environment URL' }
Add-Type -AssemblyName System.Net.Http
[System.Net.ServicePointManager]::SecurityProtocol = [System.Net.ServicePointManager]::SecurityProtocol -bor [System.Net.SecurityProtocolType]::Tls12

# The requests: one line each. {Names in braces} are filled in from earlier answers.
$list = ConvertFrom-Json -InputObject @'
@@requests@@
'@
$reads = @($list.reads)

# An origin without a path: https, or plain http for this machine only.
function Get-Origin([string]$Text) {
    $origin = $Text.Trim().TrimEnd('/').ToLowerInvariant()
    if (-not $origin.Contains('://')) { $origin = 'https://' + $origin }
    $pattern = '\A(https://([a-z0-9.-]+|\[[0-9a-f:]+\])|http://(127\.[0-9]+\.[0-9]+\.[0-9]+|localhost|\[::1\]))(:[0-9]{1,5})?\z'
    if ($origin -notmatch $pattern) {
        throw "$Text is no address of a service: give scheme and host only, as https://contoso.crm4.dynamics.com"
    }
    $origin
}
function Select-Given([string]$Given, [string]$Default) { if ($Given) { $Given } else { $Default } }
$origins = @{
    login     = Get-Origin (Select-Given $env:WORK365_DOCTOR_LOGIN_URL '@@login@@')
    graph     = Get-Origin (Select-Given $env:WORK365_DOCTOR_GRAPH_URL '@@graph@@')
    admin     = Get-Origin (Select-Given $env:WORK365_DOCTOR_ADMIN_URL '@@admin@@')
    dataverse = Get-Origin $Environment
}
$guid = '\A[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}\z'
$isApplication = $Account -match $guid
$since = [DateTime]::UtcNow.AddDays(-30).ToString('yyyy-MM-ddTHH:mm:ssZ', [System.Globalization.CultureInfo]::InvariantCulture)

# JSON is kept as it was written. Reading it into objects and writing it again would turn dates and lists into others.
$jsonTokens = New-Object System.Text.RegularExpressions.Regex -ArgumentList '"(?:[^"\\]|\\.)*"|[{}\[\],:]'
# The members of an object, or the elements of a list, as text; nothing when the text is neither, or is cut off.
function Split-Json([string]$Json) {
    $parts = New-Object System.Collections.ArrayList
    $depth = 0
    $start = 0
    $name = ''
    foreach ($token in $jsonTokens.Matches($Json)) {
        $mark = $token.Value
        if ($mark -eq '{' -or $mark -eq '[') {
            $depth++
            if ($depth -eq 1) { $start = $token.Index + 1 }
        } elseif ($depth -eq 1 -and $mark -eq ':') {
            $name = [System.Text.RegularExpressions.Regex]::Unescape($Json.Substring($start, $token.Index - $start).Trim().Trim('"'))
            $start = $token.Index + 1
        } elseif ($mark -eq '}' -or $mark -eq ']' -or $mark -eq ',') {
            if ($depth -eq 1) {
                $piece = $Json.Substring($start, $token.Index - $start).Trim()
                if ($piece) { $null = $parts.Add([PSCustomObject]@{ Name = $name; Text = $piece }) }
                $start = $token.Index + 1
                $name = ''
            }
            if ($mark -ne ',') { $depth-- }
        }
    }
    if ($depth -eq 0) { $parts.ToArray() }
}
function Test-WholeJson([string]$Json) {
    $depth = 0
    foreach ($token in $jsonTokens.Matches($Json)) {
        if ($token.Value -eq '{' -or $token.Value -eq '[') { $depth++ }
        if ($token.Value -eq '}' -or $token.Value -eq ']') { $depth-- }
    }
    $depth -eq 0 -and ($Json.StartsWith('{') -and $Json.EndsWith('}') -or $Json.StartsWith('[') -and $Json.EndsWith(']'))
}
# The text of a member, found by the names that lead to it.
function Get-Part([string]$Json, [string[]]$Names) {
    $found = $Json
    foreach ($wanted in $Names) {
        if (-not $found.StartsWith('{')) { return $null }
        $member = @(Split-Json $found | Where-Object { $_.Name -ceq $wanted })
        if ($member.Count -eq 0) { return $null }
        $found = $member[0].Text
    }
    $found
}
# The string that a member holds, if it holds one that is not empty.
function Get-Word([string]$Json, [string[]]$Names) {
    $part = Get-Part $Json $Names
    if ($part -and $part.Length -gt 2 -and $part.StartsWith('"')) {
        [System.Text.RegularExpressions.Regex]::Unescape($part.Substring(1, $part.Length - 2))
    }
}
# The elements of a collection, or the one object.
function Get-Element([string]$Json) {
    if (-not $Json) { return }
    $value = Get-Part $Json 'value'
    if ($null -eq $value) { $Json }
    elseif ($value.StartsWith('[')) { Split-Json $value | ForEach-Object { $_.Text } }
    elseif ($value -ne 'null') { $value }
}
function Get-Single([string]$Json) {
    if (Get-Part $Json 'id') { return $Json }
    $elements = @(Get-Element $Json)
    if ($elements.Count -gt 0) { $elements[0] } else { $Json }
}
function Set-Part([string]$Json, [string]$Name, [string]$Value) {
    $members = @(Split-Json $Json | Where-Object { $_.Name -cne $Name } | ForEach-Object { (Format-Text $_.Name) + ':' + $_.Text })
    if ($Value) { $members += (Format-Text $Name) + ':' + $Value }
    '{' + ($members -join ',') + '}'
}
function Format-Text([string]$Plain) {
    $text = New-Object System.Text.StringBuilder
    foreach ($character in $Plain.ToCharArray()) {
        $code = [int]$character
        if ($code -lt 32 -or $code -eq 34 -or $code -eq 92 -or $code -gt 126) { $null = $text.Append('\u' + $code.ToString('x4')) }
        else { $null = $text.Append($character) }
    }
    '"' + $text.ToString() + '"'
}
function Format-Array([string[]]$Elements) { '[' + (@($Elements | Where-Object { $_ }) -join ',') + ']' }
function Test-Same([string]$Left, [string]$Right) { $Left -and $Right -and $Left.ToLowerInvariant() -eq $Right.ToLowerInvariant() }

# Sending: GET, no redirects, a limit of time and size, and a pause where a service asks for it.
$handler = New-Object System.Net.Http.HttpClientHandler
$handler.AllowAutoRedirect = $false
$handler.UseCookies = $false
$handler.AutomaticDecompression = [System.Net.DecompressionMethods]::GZip -bor [System.Net.DecompressionMethods]::Deflate
$client = New-Object System.Net.Http.HttpClient -ArgumentList $handler
$client.Timeout = [TimeSpan]::FromSeconds(30)
$client.MaxResponseContentBufferSize = 16MB
$tokens = @{}
$pacedAt = New-Object System.Collections.ArrayList
function Send-Once($Read, [string]$Path) {
    # The report family answers five requests in ten seconds.
    while ($Read.paced) {
        $recent = @($pacedAt | Where-Object { ([DateTime]::UtcNow - $_).TotalSeconds -lt 11 })
        if ($recent.Count -lt 5) { $null = $pacedAt.Add([DateTime]::UtcNow); break }
        Start-Sleep -Seconds 1
    }
    $reply = @{ Status = $null; Body = $null; Detail = $null; RetryAfter = 1; Challenge = '' }
    try {
        $request = New-Object System.Net.Http.HttpRequestMessage -ArgumentList ([System.Net.Http.HttpMethod]::Get), ($origins[$Read.service] + $Path)
        foreach ($header in $Read.headers.PSObject.Properties) { $null = $request.Headers.TryAddWithoutValidation($header.Name, [string]$header.Value) }
        if ($Read.signed) { $null = $request.Headers.TryAddWithoutValidation('Authorization', 'Bearer ' + $tokens[$Read.service]) }
        $response = $client.SendAsync($request).GetAwaiter().GetResult()
        $reply.Status = [int]$response.StatusCode
        if ($response.Headers.RetryAfter -and $response.Headers.RetryAfter.Delta) { $reply.RetryAfter = $response.Headers.RetryAfter.Delta.TotalSeconds }
        if ($response.Headers.Contains('WWW-Authenticate')) { $reply.Challenge = @($response.Headers.GetValues('WWW-Authenticate')) -join ', ' }
        $text = $response.Content.ReadAsStringAsync().GetAwaiter().GetResult().Trim().TrimStart([char]0xFEFF)
    } catch {
        $reply.Detail = 'no answer came back: ' + $_.Exception.GetBaseException().Message
        return $reply
    }
    if ($reply.Status -ge 300 -and $reply.Status -lt 400) {
        $target = 'nowhere'
        if ($response.Headers.Location) { $target = $response.Headers.Location.OriginalString.Split('?')[0].Split('#')[0] }
        $reply.Detail = "redirected to $target; redirects are not followed"
    } elseif ($reply.Status -eq 407) { $reply.Detail = 'the proxy asks for a sign-in' }
    elseif (-not $text) { }
    elseif (Test-WholeJson $text) { $reply.Body = $text }
    elseif ($reply.Status -eq 401 -or $reply.Status -eq 403) { }
    elseif ($text.StartsWith('<')) { $reply.Detail = "HTTP $($reply.Status): a web page instead of JSON, as a proxy or a sign-in page sends it" }
    else { $reply.Detail = "HTTP $($reply.Status): the answer is not whole JSON" }
    $reply
}
function Send-Patiently($Read, [string]$Path) {
    for ($attempt = 1; ; $attempt++) {
        $reply = Send-Once $Read $Path
        $isThrottled = (429, 503, 504) -contains $reply.Status
        if ($isThrottled -and $attempt -lt 3 -and $reply.RetryAfter -le 60) { Start-Sleep -Seconds ([int][Math]::Ceiling($reply.RetryAfter)) }
        elseif ($null -ne $reply.Status -or $attempt -ge 2) { return $reply }
    }
}
function Test-Success($Reply) { $null -ne $Reply -and $null -eq $Reply.Detail -and $Reply.Status -ge 200 -and $Reply.Status -lt 300 }
# A column that an older version does not know is left out.
function Remove-Column([string]$Path, [string]$Message) {
    if (-not ($Message -match "Could not find a property named '([^']+)'")) { return }
    $column = $Matches[1]
    if (-not ($Path -match '\A(.*\$select=)([^&]*)(.*)\z')) { return }
    $before = $Matches[1]
    $after = $Matches[3]
    $all = @($Matches[2].Split(','))
    $left = @($all | Where-Object { $_ -cne $column })
    if ($left.Count -gt 0 -and $left.Count -lt $all.Count) { $before + ($left -join ',') + $after }
}
function New-Broken($Status, [string]$Detail) { @{ Status = $Status; Body = $null; Detail = $Detail; Challenge = '' } }
# A read with all its pages as one collection.
function Read-Whole($Read, [string]$Path) {
    $columns = 0
    $elements = New-Object System.Collections.ArrayList
    $first = $null
    for ($page = 1; ; $page++) {
        $reply = Send-Patiently $Read $Path
        while ($reply.Status -eq 400 -and $Read.service -eq 'dataverse' -and $columns -lt 8) {
            $shorter = Remove-Column $Path (Get-Word $reply.Body ('error', 'message'))
            if (-not $shorter) { break }
            $columns++
            $Path = $shorter
            $reply = Send-Patiently $Read $Path
        }
        if (-not (Test-Success $reply)) { return $reply }
        $value = Get-Part $reply.Body 'value'
        $isList = $value -and $value.StartsWith('[')
        if ($page -eq 1) { $first = $reply } elseif (-not $isList) { return New-Broken $reply.Status 'a page without its list' }
        if ($isList) { foreach ($element in @(Get-Element $reply.Body)) { $null = $elements.Add($element) } }
        $link = Get-Word $reply.Body '@odata.nextLink'
        $isCut = [bool]($link -and $page -ge 5 -and $Read.paced)
        if ($isCut) { $link = $null }
        if (-not $link) {
            if ($page -gt 1 -or (Get-Part $reply.Body '@odata.nextLink')) {
                $first.Body = Set-Part (Set-Part $first.Body '@odata.nextLink' '') 'value' (Format-Array $elements.ToArray())
                if ($isCut) { $first.Body = Set-Part $first.Body 'truncated' 'true' }
            }
            return $first
        }
        $origin = $origins[$Read.service]
        if (-not $link.ToLowerInvariant().StartsWith($origin + '/')) { return New-Broken $reply.Status 'the next page is at another host; it was not asked for' }
        if ($page -ge 50) { return New-Broken $reply.Status 'more than 50 pages' }
        $Path = $link.Substring($origin.Length)
    }
}

# Replies by position in the list and by the value that varied; a row of the list is named by section and part.
$replies = @{}
function Find-Index([string]$Section, [string]$Part) {
    for ($i = 0; $i -lt $reads.Count; $i++) { if ($reads[$i].section -ceq $Section -and $reads[$i].part -ceq $Part) { return $i } }
    -1
}
function Get-Reply([string]$Section, [string]$Part) {
    $prefix = [string](Find-Index $Section $Part) + ' '
    foreach ($key in @($replies.Keys | Where-Object { $_.StartsWith($prefix) } | Sort-Object)) { $replies[$key] }
}
function Get-Body([string]$Section, [string]$Part) {
    foreach ($reply in @(Get-Reply $Section $Part)) { if (Test-Success $reply) { $reply.Body } }
}
function Test-Read([string]$Section, [string]$Part) { @(Get-Reply $Section $Part).Count -gt 0 }
function Get-FirstBody([string]$Section, [string]$Part) { @(Get-Body $Section $Part) | Select-Object -First 1 }

# What the answers tell about the next questions: placeholder to values.
$ready = @{}
$known = @{}
$knownTenant = ''
function Set-Known([string]$Name, [string[]]$Values) {
    $kept = [string[]]@($Values | Where-Object { $_ })
    if ($kept.Count -gt 0) { $known[$Name] = $kept } else { $known.Remove($Name) }
}
function Test-UnknownQuestion([string]$Section) {
    foreach ($reply in @(Get-Reply $Section '')) { if ((400, 404, 405, 501) -contains $reply.Status) { return $true } }
    $false
}
function Get-EnvironmentBody {
    $body = Get-FirstBody 'admin.environment' ''
    if ($body) { return $body }
    foreach ($candidate in @(Get-Element (Get-FirstBody 'admin.environment' 'list'))) {
        $url = Get-Word $candidate ('properties', 'linkedEnvironmentMetadata', 'instanceUrl')
        if ($url -and (Test-Same $url.TrimEnd('/') $origins.dataverse)) { return $candidate }
    }
}
# The row is the one with the account's object id, or the application's id; never the one with its name.
function Get-Row([string]$Principal) {
    foreach ($part in 'by name', '', 'of the application') {
        foreach ($row in @(Get-Element (Get-FirstBody 'dataverse.system_users' $part))) {
            if ($isApplication) { if (Test-Same (Get-Word $row 'applicationid') $Account) { return $row } }
            elseif (Test-Same (Get-Word $row 'azureactivedirectoryobjectid') $Principal) { return $row }
        }
    }
}
function Update-Known {
    $user = Get-FirstBody 'graph.user' ''
    $objectId = $null
    if ($user) { $objectId = Get-Word (Get-Single $user) 'id' }
    $principal = $objectId
    foreach ($entry in @(Get-Element (Get-FirstBody 'graph.sign_ins' 'by name'))) { if (-not $principal) { $principal = Get-Word $entry 'userId' } }
    $row = Get-Row $principal
    $applications = @(Get-Element (Get-FirstBody 'graph.service_principal' ''))
    $deleted = @(Get-Element (Get-FirstBody 'graph.deleted_users' ''))
    Set-Known 'account' $Account
    Set-Known 'since' $since
    Set-Known 'tenant' $knownTenant
    Set-Known 'privileges' (Format-Array @($list.privileges | ForEach-Object { Format-Text $_ }))
    if ($isApplication) { Set-Known 'application' $Account }
    if ($Account.Contains('@')) { Set-Known 'domain' (($Account.Split('@') | Select-Object -Last 1).ToLowerInvariant()) }
    Set-Known 'object_id' $objectId
    if (-not $objectId -and (Test-Read 'graph.user' '')) { Set-Known 'account_without_id' ($Account.ToLowerInvariant()) }
    if (Test-UnknownQuestion 'graph.sign_ins') { Set-Known 'object_id_without_types' $objectId }
    Set-Known 'service_principal' @($applications | ForEach-Object { Get-Word $_ 'id' })
    if ($isApplication) { Set-Known 'audited' @($applications | Where-Object { Test-Same (Get-Word $_ 'appId') $Account } | ForEach-Object { Get-Word $_ 'id' }) }
    elseif ($objectId) { Set-Known 'audited' $objectId }
    elseif ($deleted.Count -eq 1) { Set-Known 'audited' (Get-Word $deleted[0] 'id') }
    $grants = @(Get-Body 'graph.permission_grants' '' | ForEach-Object { Get-Element $_ })
    Set-Known 'resource' @($grants | ForEach-Object { Get-Word $_ 'resourceId' } | Sort-Object -Unique)
    $kind = $null
    $domain = Get-FirstBody 'graph.domain' ''
    $realm = Get-FirstBody 'login.realm' ''
    if ($domain) { $kind = Get-Word (Get-Single $domain) 'authenticationType' }
    if (-not $kind -and $realm) { $kind = Get-Word (Get-Single $realm) 'account_type' }
    if (Test-Same $kind 'Federated') { Set-Known 'federated_domain' $known['domain'] }
    Set-Known 'operator' (Get-Word (Get-FirstBody 'dataverse.who_am_i' '') 'UserId')
    $id = $EnvironmentId
    if (-not $id) { $id = Get-Word (Get-FirstBody 'admin.environment' 'environment id') ('Detail', 'EnvironmentId') }
    Set-Known 'environment_id' $id
    if (-not $id -and ((Test-Read 'admin.environment' 'environment id') -or -not $ready.dataverse)) { Set-Known 'without_environment_id' 'permissions' }
    $group = Get-Word (Get-EnvironmentBody) ('properties', 'linkedEnvironmentMetadata', 'securityGroupId')
    if ($group -match '[1-9A-Za-z]') { Set-Known 'group' $group }
    Set-Known 'row' (Get-Word $row 'systemuserid')
    Set-Known 'business_unit' (Get-Word $row '_businessunitid_value')
    if ($isApplication) { Set-Known 'directory_object' (Get-Word $row 'azureactivedirectoryobjectid') } else { Set-Known 'directory_object' $principal }
    if (-not $row -and -not $isApplication -and (Test-Read 'dataverse.system_users' 'by name')) { Set-Known 'unmatched_object_id' $principal }
    if (Test-UnknownQuestion 'dataverse.user_privileges') { Set-Known 'row_without_set' (Get-Word $row 'systemuserid') }
    Set-Known 'team' @(Get-Element (Get-FirstBody 'dataverse.user_teams' '') | ForEach-Object { Get-Word $_ 'teamid' })
}

# The rounds: whatever can be asked now, then what the answers made askable, until nothing is left.
function Get-Placeholder([string]$Template) { [System.Text.RegularExpressions.Regex]::Matches($Template, '\{([a-z_]+)\}') | ForEach-Object { $_.Groups[1].Value } }
function Format-Path([string]$Template, [string]$Each, [string]$Varying) {
    $pieces = $Template.Split('{')
    $path = $pieces[0]
    for ($i = 1; $i -lt $pieces.Length; $i++) {
        $ends = $pieces[$i].Split('}')
        $filling = $known[$ends[0]][0]
        if ($ends[0] -ceq $Each) { $filling = $Varying }
        # Inside an OData string a quote is doubled.
        if ($path.EndsWith("'")) { $filling = $filling.Replace("'", "''") }
        $filling = [Uri]::EscapeDataString($filling).Replace("'", '%27').Replace('(', '%28').Replace(')', '%29').Replace('!', '%21').Replace('*', '%2A')
        $path = $path + $filling + $ends[1]
    }
    $path.Replace(' ', '%20')
}
function Test-About($Read) { $Read.about -eq 'both' -or ($Read.about -eq 'application') -eq $isApplication }
function Read-All {
    for ($round = 1; $round -le 8; $round++) {
        Update-Known
        $count = 0
        for ($i = 0; $i -lt $reads.Count; $i++) {
            $read = $reads[$i]
            if (-not (Test-About $read) -or ($read.signed -and -not $ready[$read.service])) { continue }
            if (@(Get-Placeholder $read.path | Where-Object { -not $known.ContainsKey($_) }).Count -gt 0) { continue }
            $values = [string[]]@('')
            if ($read.each) { $values = $known[$read.each] }
            foreach ($varying in $values) {
                $key = [string]$i + ' ' + $varying
                if ($replies.ContainsKey($key)) { continue }
                $replies[$key] = Read-Whole $read (Format-Path $read.path $read.each $varying)
                $count++
            }
        }
        if ($count -eq 0) { return }
        Write-Host "reading: round $round, $count requests"
    }
}

# From replies to sections; each is @{ Outcome; Status; Detail; Body }.
function Test-Cut([string]$Body) { $Body -and (Get-Part $Body 'truncated') -ceq 'true' }
function New-Section([string]$Outcome, $Status, [string]$Detail, [string]$Body) { @{ Outcome = $Outcome; Status = $Status; Detail = $Detail; Body = $Body } }
function ConvertTo-Section($Read, $Reply) {
    $path = $Read.path.Split('?')[0]
    if ($Reply.Detail) { return New-Section 'failed' $Reply.Status $Reply.Detail '' }
    if (Test-Success $Reply) {
        if ($Reply.Body) { return New-Section 'ok' $Reply.Status '' $Reply.Body }
        return New-Section 'failed' $Reply.Status 'an empty answer' ''
    }
    if ($Reply.Status -eq 401 -or $Reply.Status -eq 403) { return New-Section 'denied' $Reply.Status '' $Reply.Body }
    if ($Reply.Status -eq 404) {
        if ($path.Contains('{') -and -not $path.StartsWith('/beta/')) { return New-Section 'not_found' 404 '' $Reply.Body }
        # Of a beta path, which may just not exist, and of a list, this is no answer.
        return New-Section 'failed' 404 'HTTP 404: the service does not have this question' ''
    }
    New-Section 'failed' $Reply.Status "HTTP $($Reply.Status)" $Reply.Body
}
$unavailable = @{}
function Get-Missing([string]$Section, [string]$Part) {
    $index = Find-Index $Section $Part
    if ($index -lt 0) { return New-Section 'skipped' $null 'not asked' '' }
    $read = $reads[$index]
    if ($unavailable.ContainsKey($read.service)) { return $unavailable[$read.service] }
    $lacking = @(Get-Placeholder $read.path | Where-Object { -not $known.ContainsKey($_) })
    if ($lacking.Count -eq 0) { return New-Section 'skipped' $null 'not asked' '' }
    New-Section 'skipped' $null ('not asked: it needs ' + $list.meanings.($lacking[0])) ''
}
function Get-PartSection([string]$Section, [string]$Part) {
    $answers = @(Get-Reply $Section $Part)
    if ($answers.Count -eq 0) { return Get-Missing $Section $Part }
    ConvertTo-Section $reads[(Find-Index $Section $Part)] $answers[0]
}
function Get-UserSection {
    $section = Get-PartSection 'graph.user' ''
    $second = Get-Part (Get-FirstBody 'graph.user' 'password profile') 'passwordProfile'
    if ($section.Outcome -eq 'ok' -and $second -and $second -ne 'null' -and $section.Body.StartsWith('{')) { $section.Body = Set-Part $section.Body 'passwordProfile' $second }
    $section
}
function Get-SignInSection {
    $part = 'by name'
    $asked = '["interactiveUser","nonInteractiveUser"]'
    if ($isApplication) { $part = 'of the application'; $asked = '["servicePrincipal"]' }
    elseif (Get-FirstBody 'graph.sign_ins' 'interactive only') { $part = 'interactive only'; $asked = '["interactiveUser"]' }
    elseif (Test-Read 'graph.sign_ins' '') { $part = '' }
    $section = Get-PartSection 'graph.sign_ins' $part
    if ($section.Outcome -eq 'ok' -and (Get-Part $section.Body 'value')) { $section.Body = Set-Part $section.Body 'asked' $asked }
    $section
}
# The elements of several lists as one, without those that have the same value of a member twice.
function Join-List([string[]]$Bodies, [string]$Member) {
    $seen = @{}
    foreach ($body in $Bodies) {
        foreach ($element in @(Get-Element $body)) {
            $key = [string](Get-Part $element $Member)
            if (-not $seen.ContainsKey($key)) { $seen[$key] = $true; $element }
        }
    }
}
# Newest first; one list only if both could be read.
function Get-AuditSection {
    $policies = Get-PartSection 'graph.directory_audits' 'policies'
    if ($policies.Outcome -ne 'ok') { return $policies }
    $own = Get-PartSection 'graph.directory_audits' ''
    if ($own.Outcome -ne 'ok') { return $own }
    $entries = @(Join-List ($own.Body, $policies.Body) 'id' | Sort-Object -Descending -Property { [string](Get-Part $_ 'activityDateTime') })
    $body = '{"value":' + (Format-Array $entries) + '}'
    if ((Test-Cut $own.Body) -or (Test-Cut $policies.Body)) { $body = Set-Part $body 'truncated' 'true' }
    New-Section 'ok' 200 '' $body
}
# Transitive membership is told by the list of the account's groups: so nothing but GET is sent.
function Get-MembershipSection {
    $direct = Get-PartSection 'graph.security_group_membership' 'direct'
    if (-not $known.ContainsKey('group')) { return $direct }
    $group = $known['group'][0]
    $body = '{"group_id":' + (Format-Text $group)
    $isDirect = $false
    $isKnown = $false
    if ($direct.Outcome -eq 'ok') {
        $isKnown = $true
        $isDirect = @(Get-Element $direct.Body).Count -gt 0
        $body += ',"direct":' + ([string]$isDirect).ToLowerInvariant()
    }
    $groups = Get-FirstBody 'graph.group_memberships' ''
    if ($groups -and $known.ContainsKey('object_id')) {
        $isKnown = $true
        $isTransitive = @(Get-Element $groups | Where-Object { Test-Same (Get-Word $_ 'id') $group }).Count -gt 0
        $body += ',"transitive":' + ([string]$isTransitive).ToLowerInvariant()
    } elseif ($isDirect) { $body += ',"transitive":true' }
    if (-not $isKnown) { return $direct }
    New-Section 'ok' 200 '' ($body + '}')
}
# The answers about several objects as one list. A grant may outlive its resource, so a 404 can be left out.
function Get-CollectedSection([string]$Section, [bool]$IsList) {
    $index = Find-Index $Section ''
    $elements = @()
    $answers = @(Get-Reply $Section '' | Where-Object { $IsList -or $_.Status -ne 404 })
    foreach ($reply in $answers) {
        if (-not (Test-Success $reply)) { return ConvertTo-Section $reads[$index] $reply }
        if ($IsList) { $elements += @(Get-Element $reply.Body) } else { $elements += $reply.Body }
    }
    $owners = Get-FirstBody 'graph.service_principal' ''
    $hasNoOwner = $owners -and @(Get-Element $owners).Count -eq 0
    if ($IsList -and $answers.Count -eq 0 -and -not $hasNoOwner) { return Get-Missing $Section '' }
    New-Section 'ok' 200 '' ('{"value":' + (Format-Array $elements) + '}')
}
function Get-EnvironmentSection {
    if (Test-Read 'admin.environment' '') { return Get-PartSection 'admin.environment' '' }
    $body = Get-EnvironmentBody
    if ($body) { return New-Section 'ok' 200 '' $body }
    if (Get-FirstBody 'admin.environment' 'list') { return New-Section 'failed' 200 'no environment of the list has this address; -EnvironmentId names it' '' }
    if (Test-Read 'admin.environment' 'list') { return Get-PartSection 'admin.environment' 'list' }
    Get-Missing 'admin.environment' ''
}
function Get-RowSection {
    $parts = [string[]]@('by name', '')
    if ($isApplication) { $parts = [string[]]@('of the application') }
    $bodies = @()
    foreach ($part in $parts) {
        if (-not (Test-Read 'dataverse.system_users' $part)) { continue }
        $section = Get-PartSection 'dataverse.system_users' $part
        if ($section.Outcome -ne 'ok') { return $section }
        $bodies += $section.Body
    }
    if ($bodies.Count -eq 0) { return Get-Missing 'dataverse.system_users' $parts[0] }
    New-Section 'ok' 200 '' ('{"value":' + (Format-Array @(Join-List $bodies 'systemuserid')) + '}')
}
# What could not be read of a team is left out of it, and so stays unknown.
function Get-TeamSection {
    $section = Get-PartSection 'dataverse.user_teams' ''
    if ($section.Outcome -ne 'ok') { return $section }
    $teams = @()
    foreach ($team in @(Get-Element $section.Body)) {
        $id = Get-Word $team 'teamid'
        foreach ($pair in @(@{ Part = 'roles'; Key = 'roles' }, @{ Part = 'profiles'; Key = 'column_security_profiles' })) {
            $reply = $replies[[string](Find-Index 'dataverse.user_teams' $pair.Part) + ' ' + $id]
            if (Test-Success $reply) { $team = Set-Part $team $pair.Key (Get-Part $reply.Body 'value') }
        }
        $teams += $team
    }
    $section.Body = Set-Part $section.Body 'value' (Format-Array $teams)
    $section
}
function Get-PrivilegeSection([string]$Name) {
    if (Test-Read $Name 'full list') { return Get-PartSection $Name 'full list' }
    if ($Name -ceq 'dataverse.user_privileges_cached' -and (Test-UnknownQuestion $Name)) {
        return New-Section 'skipped' $null 'this version of Dataverse cannot be asked for privileges by name' ''
    }
    $section = Get-PartSection $Name ''
    if ($section.Outcome -eq 'ok' -and (Get-Part $section.Body 'RolePrivileges')) { $section.Body = Set-Part $section.Body 'asked' $known['privileges'][0] }
    $section
}
function Get-ChallengeSection {
    $reply = @(Get-Reply 'login.challenge' '')[0]
    $address = ''
    $resource = ''
    if ($reply.Challenge -match '(?i)authorization_uri\s*=\s*"?([^",\s]+)') { $address = $Matches[1] }
    if ($reply.Challenge -match '(?i)resource_id\s*=\s*"?([^",\s]+)') { $resource = $Matches[1] }
    if ($reply.Status -eq 401 -and $address -and $resource) {
        return New-Section 'ok' 401 '' ('{"authorization_uri":' + (Format-Text $address) + ',"resource_id":' + (Format-Text $resource) + '}')
    }
    if ($reply.Status -eq 401) { return New-Section 'failed' 401 'the 401 names no authorization_uri and resource_id' '' }
    if ($reply.Status -eq 200) { return New-Section 'failed' 200 'the environment answered without asking for a sign-in' '' }
    ConvertTo-Section $reads[(Find-Index 'login.challenge' '')] $reply
}
function Get-Section([string]$Name) {
    $own = @($reads | Where-Object { $_.section -ceq $Name -and (Test-About $_) })
    if ($own.Count -eq 0) { return New-Section 'skipped' $null 'not asked for an application user' '' }
    switch ($Name) {
        'login.challenge' { return Get-ChallengeSection }
        'graph.user' { return Get-UserSection }
        'graph.sign_ins' { return Get-SignInSection }
        'graph.directory_audits' { return Get-AuditSection }
        'graph.security_group_membership' { return Get-MembershipSection }
        'graph.permission_grants' { return Get-CollectedSection $Name $true }
        'graph.grant_resources' {
            if ((Get-CollectedSection 'graph.permission_grants' $true).Outcome -ne 'ok') { return Get-Missing $Name '' }
            return Get-CollectedSection $Name $false
        }
        'admin.environment' { return Get-EnvironmentSection }
        'dataverse.system_users' { return Get-RowSection }
        'dataverse.user_teams' { return Get-TeamSection }
        'dataverse.user_privileges' { return Get-PrivilegeSection $Name }
        'dataverse.user_privileges_cached' { return Get-PrivilegeSection $Name }
    }
    Get-PartSection $Name $own[0].part
}
function Format-Section($Section, [string]$ReadAt) {
    $json = '{"outcome":' + (Format-Text $Section.Outcome)
    if ($Section.Outcome -ne 'skipped') { $json += ',"read_at":' + (Format-Text $ReadAt) }
    if ($null -eq $Section.Status) { $json += ',"http_status":null' } else { $json += ',"http_status":' + [string][int]$Section.Status }
    if ($Section.Outcome -eq 'ok' -and (Test-Cut $Section.Body)) { $Section.Detail = "partial: only the newest $(@(Get-Element $Section.Body).Count) entries were read" }
    if ($Section.Detail) { $json += ',"detail":' + (Format-Text $Section.Detail) }
    if ($Section.Body) { $json += ',"body":' + $Section.Body }
    $json + '}'
}

# What needs no token: the environment's challenge names the tenant.
Read-All
$challenged = ''
$named = Get-Word (Get-ChallengeSection).Body 'authorization_uri'
if ($named -match '\A[^/]*//[^/]*/([0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12})(/|\z)') { $challenged = $Matches[1].ToLowerInvariant() }
$signInTenant = Select-Given $Tenant $challenged
if (-not $signInTenant -and $Account.Contains('@')) { $signInTenant = $Account.Split('@') | Select-Object -Last 1 }

# A token of the variable, else of Microsoft's modules; without one the sections of the service say why.
$graphClouds = @{ 'public' = 'Global'; 'gcc' = 'Global'; 'gcc-high' = 'USGov'; 'dod' = 'USGovDoD'; 'china' = 'China' }
$azureClouds = @{ 'public' = 'AzureCloud'; 'gcc' = 'AzureCloud'; 'gcc-high' = 'AzureUSGovernment'; 'dod' = 'AzureUSGovernment'; 'china' = 'AzureChinaCloud' }
$scopes = '@@scopes@@'.Split(' ')
function Get-AzureToken([string]$Audience) {
    if (-not (Get-Module -ListAvailable -Name Az.Accounts)) { return '' }
    Import-Module Az.Accounts
    $whom = @{}
    if ($signInTenant) { $whom.TenantId = $signInTenant }
    if (-not (Get-AzContext)) { $null = Connect-AzAccount -Environment $azureClouds[$list.cloud] -Scope Process @whom }
    $answer = Get-AzAccessToken -ResourceUrl $Audience @whom
    # Newer versions hand out a secure string.
    if ($answer.Token -is [securestring]) { return (New-Object System.Net.NetworkCredential -ArgumentList '', $answer.Token).Password }
    $answer.Token
}
function Get-GraphToken {
    if (-not (Get-Module -ListAvailable -Name Microsoft.Graph.Authentication)) { return Get-AzureToken @@graph_audience@@ }
    Import-Module Microsoft.Graph.Authentication
    $whom = @{}
    if ($signInTenant) { $whom.TenantId = $signInTenant }
    $null = Connect-MgGraph -Scopes $scopes -Environment $graphClouds[$list.cloud] -ContextScope Process @whom
    # The module keeps its token to itself; it stands in the request that an answer belongs to.
    $answer = Invoke-MgGraphRequest -Method GET -Uri ('@@graph@@' + '/v1.0/me?$select=id') -OutputType HttpResponseMessage
    $answer.RequestMessage.Headers.Authorization.Parameter
}
function Enter-Service([string]$Service, [string]$Given, [scriptblock]$Fetch) {
    $token = $Given
    try { if (-not $token) { $token = [string](& $Fetch) } }
    catch { $unavailable[$Service] = New-Section 'failed' $null ('sign-in failed: ' + $_.Exception.Message.Split("`n")[0].Trim()) ''; return }
    if (-not $token) { $unavailable[$Service] = New-Section 'skipped' $null 'no token: neither a module nor a variable gave one' '' }
    elseif ($token -notmatch '\A[A-Za-z0-9._~+/=-]+\z') { $unavailable[$Service] = New-Section 'failed' $null 'sign-in failed: malformed token' '' }
    else { $tokens[$Service] = $token; $ready[$Service] = $true }
}
Enter-Service 'graph' $env:WORK365_DOCTOR_GRAPH_TOKEN { Get-GraphToken }
Enter-Service 'dataverse' $env:WORK365_DOCTOR_DATAVERSE_TOKEN { Get-AzureToken $origins.dataverse }
Enter-Service 'admin' $env:WORK365_DOCTOR_ADMIN_TOKEN { Get-AzureToken @@admin_audience@@ }
if ($ready.Count -eq 0) { throw (@($unavailable.Values | ForEach-Object { $_.Detail }) -join '; ') }

# Who asks is evidence too: the claims of the Graph token, without opaque and per-session ones.
$operator = $unavailable['graph']
$tokenTenant = ''
if ($ready['graph']) {
    $operator = New-Section 'failed' $null 'malformed token' ''
    $pieces = $tokens['graph'].Split('.')
    if ($pieces.Length -eq 3) {
        $encoded = $pieces[1].Replace('-', '+').Replace('_', '/')
        $encoded = $encoded.PadRight($encoded.Length + (4 - $encoded.Length % 4) % 4, '=')
        $claims = [System.Text.Encoding]::UTF8.GetString([Convert]::FromBase64String($encoded))
        $tokenTenant = [string](Get-Word $claims 'tid')
        $kind = 'user'
        if ((Get-Word $claims 'idtyp') -ceq 'app' -or -not (Get-Word $claims 'scp')) { $kind = 'application' }
        foreach ($name in @(Split-Json $claims | ForEach-Object { $_.Name })) {
            if (('aio', 'rh', 'uti', 'sid') -ccontains $name -or $name.StartsWith('xms_')) { $claims = Set-Part $claims $name '' }
        }
        $operator = New-Section 'ok' $null '' ('{"kind":' + (Format-Text $kind) + ',"claims":' + $claims + '}')
    }
}
$knownTenant = Select-Given $tokenTenant $signInTenant
$tenantId = Select-Given $tokenTenant $challenged
if ($Tenant -match $guid) { $tenantId = $Tenant }

Read-All

# The snapshot.
$now = [DateTime]::UtcNow.ToString('yyyy-MM-ddTHH:mm:ssZ', [System.Globalization.CultureInfo]::InvariantCulture)
$sections = @('"login.probe":' + (Format-Section (New-Section 'skipped' $null 'not asked: --probe-sign-in' '') $now))
$sections += '"graph.operator":' + (Format-Section $operator $now)
foreach ($name in @($reads | ForEach-Object { $_.section } | Select-Object -Unique)) {
    $sections += (Format-Text $name) + ':' + (Format-Section (Get-Section $name) $now)
}
$tenantText = 'null'
if ($tenantId) { $tenantText = Format-Text $tenantId }
$document = '{"schema":' + (Format-Text $list.schema) + ',"captured_at":' + (Format-Text $now) +
    ',"tool":{"name":' + (Format-Text $list.tool.name) + ',"version":' + (Format-Text $list.tool.version) + '},"redacted":false,' +
    '"subject":{"account":' + (Format-Text $Account) + ',"environment":' + (Format-Text $origins.dataverse) +
    ',"tenant_id":' + $tenantText + ',"cloud":' + (Format-Text $list.cloud) + '},' + "`n" + '"sections":{' + "`n" +
    ($sections -join (',' + "`n")) + "`n" + '}}' + "`n"
if (-not $Output) {
    $Output = ($Account.Split('@')[0] -replace '[^A-Za-z0-9-]', '') + '-' + ($now -replace '[-:]', '') + '.snapshot.json'
}
$target = $ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath($Output)
[System.IO.File]::WriteAllText($target, $document, (New-Object System.Text.UTF8Encoding -ArgumentList $false))
Write-Host "wrote $target"
Write-Host "It holds names. Before it leaves: work365-doctor capture --from $Output"
