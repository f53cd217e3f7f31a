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
# Settings of the caller's session do not reach in here.
Set-StrictMode -Version 1.0
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
if ($ExecutionContext.SessionState.LanguageMode -ne 'FullLanguage') {
    # Nothing else may write to the error stream here, and a plain line is worth more than an error with its source.
    Write-Host ('application control holds PowerShell in {0} on this machine, so this script cannot send requests: run the program work365-doctor, or this script on another machine; "work365-doctor ask" needs no evidence at all' -f $ExecutionContext.SessionState.LanguageMode)
    exit 3
}
# One sentence, without colour and source line. 2: the call was wrong; 3: nothing could be read.
function Stop-Run([int]$Code, [string]$Sentence) {
    if ($Host.Name -eq 'ConsoleHost') { [Console]::Error.WriteLine($Sentence) } else { $Host.UI.WriteErrorLine($Sentence) }
    exit $Code
}
trap { Stop-Run 3 ('the script ended early: ' + $_.Exception.GetBaseException().Message) }

if ($args.Count -gt 0 -or -not $Account -or -not $Environment) {
    Stop-Run 2 'usage: .\collect.ps1 -Account UPN|APPID -Environment URL [-EnvironmentId ID] [-Tenant TENANT] [-Output FILE]'
}
$guid = '\A[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}\z'
$Account = $Account.Trim()
$isApplication = $Account -match $guid
if (-not $isApplication -and $Account -notmatch '\A[^\s\p{Cc}@{}"`\u2018-\u201F]+@[^\s\p{Cc}@{}"`\u2018-\u201F]+\z') {
    Stop-Run 2 "-Account: $Account is neither an address, as svc@contoso.com, nor an application id"
}
$Tenant = $Tenant.Trim()
if ($Tenant -notmatch '\A[A-Za-z0-9.-]*\z') { Stop-Run 2 "-Tenant: $Tenant is neither a tenant id nor a domain" }

Add-Type -AssemblyName System.Net.Http
[System.Net.ServicePointManager]::SecurityProtocol = [System.Net.ServicePointManager]::SecurityProtocol -bor [System.Net.SecurityProtocolType]::Tls12
# Windows PowerShell would send two at once.
$most = 8
[System.Net.ServicePointManager]::DefaultConnectionLimit = $most
$ordinal = [System.StringComparison]::Ordinal
$culture = [System.Globalization.CultureInfo]::InvariantCulture

# Where the snapshot goes is settled before anything is read.
$startedAt = [DateTime]::UtcNow.ToString("yyyyMMdd'T'HHmmss'Z'", $culture)
if (-not $Output) { $Output = ($Account.Split('@')[0] -replace '[^A-Za-z0-9-]', '') + '-' + $startedAt + '.snapshot.json' }
$target = $ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath($Output)
$folder = [System.IO.Path]::GetDirectoryName($target)
if (-not [System.IO.Directory]::Exists($folder)) { Stop-Run 2 "-Output: there is no folder $folder" }
if ([System.IO.Directory]::Exists($target)) { Stop-Run 2 "-Output: $target is a folder; name a file in it" }

# The requests: one line each. {Names in braces} are filled in from earlier answers.
$list = ConvertFrom-Json -InputObject @'
@@requests@@
'@
$reads = @($list.reads)

# An origin: https, or plain http for this machine only. Of an address that was copied out of a browser, its host.
function Get-Origin([string]$Text, [bool]$MayHavePath) {
    $address = $Text.Trim()
    if (-not $address.Contains('://')) { $address = 'https://' + $address }
    $pattern = '\A(https?)://([A-Za-z0-9.-]*[A-Za-z0-9-]|\[[0-9A-Fa-f:]+\])\.?(:[0-9]{1,5})?(|/|[/?#].*)\z'
    if ($address -match $pattern) {
        $scheme = $Matches[1].ToLowerInvariant()
        $name = $Matches[2].ToLowerInvariant()
        $port = [string]$Matches[3]
        $path = $Matches[4]
        if (($scheme -ceq 'https' -and $port -ceq ':443') -or ($scheme -ceq 'http' -and $port -ceq ':80')) { $port = '' }
        $isHere = $name -match '\A(127\.[0-9]+\.[0-9]+\.[0-9]+|localhost|\[::1\])\z'
        if (($scheme -ceq 'https' -or $isHere) -and ($MayHavePath -or $path.Length -le 1)) { return $scheme + '://' + $name + $port }
    }
    Stop-Run 2 "$Text is no address of a service: give scheme and host, as https://contoso.crm4.dynamics.com"
}
function Select-Given([string]$Given, [string]$Default) { if ($Given) { $Given } else { $Default } }
$origins = @{
    login     = Get-Origin (Select-Given $env:WORK365_DOCTOR_LOGIN_URL '@@login@@') $false
    graph     = Get-Origin (Select-Given $env:WORK365_DOCTOR_GRAPH_URL '@@graph@@') $false
    admin     = Get-Origin (Select-Given $env:WORK365_DOCTOR_ADMIN_URL '@@admin@@') $false
    dataverse = Get-Origin $Environment $true
}
$jobsSince = [DateTime]::UtcNow.AddDays(-14).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", $culture)
$since = [DateTime]::UtcNow.AddDays(-30).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", $culture)

# JSON is kept as it was written: reading it into objects and writing it again would turn dates and lists into others.
# The engine for regular expressions counts brackets: <d> holds one capture for each that is open, empty for a list.
function New-Pattern([string]$Text) { New-Object System.Text.RegularExpressions.Regex -ArgumentList $Text, ([System.Text.RegularExpressions.RegexOptions]'CultureInvariant, ExplicitCapture') }
$space = '(?>[ \t\r\n]*)'
$string = '"(?>([^"\\\x00-\x1f]+|\\(["\\/bfnrt]|u[0-9A-Fa-f]{4}))*)"'
$scalar = "(?>$string|-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?|true|false|null)"
$wholeJson = New-Pattern ("\A$space(?>((?>((?<d>\{)$space$string${space}:$space|\[(?<d>)$space(?!\]))*)" +
    "(?>$scalar|\{$space\}|\[$space\])$space" +
    "(?>((?=\k<d>)\](?<-d>)$space|(?(d)(?!\k<d>)\}(?<-d>)$space|(?!)))*)" +
    "(?>(?=\k<d>),$space|(?(d)(?!\k<d>),$space$string${space}:$space|\z)))+)\z(?(d)(?!))")
# Of a text that is known to be whole.
$value = "(?<value>$string|[{\[](?>([^`"{}\[\]]+|$string|(?<d>[{\[])|(?<-d>[}\]]))*)(?(d)(?!))[}\]]|[^\s,`"{}\[\]]+)"
$jsonMember = New-Pattern "\G[\s,]*(?<name>$string)\s*:\s*$value"
$jsonElement = New-Pattern "\G[\s,]*$value"
function Test-WholeJson([string]$Json) { $wholeJson.IsMatch($Json) }
function Test-Object([string]$Json) { $Json.StartsWith('{', $ordinal) }
function Test-List([string]$Json) { $Json.StartsWith('[', $ordinal) }
# The text in quotes that a JSON string stands for.
function ConvertFrom-Quoted([string]$Json) { [System.Text.RegularExpressions.Regex]::Unescape($Json.Substring(1, $Json.Length - 2)) }
# The elements of a list, as text.
function Split-List([string]$Json) {
    if (Test-List $Json) { foreach ($found in $jsonElement.Matches($Json, 1)) { $found.Groups['value'].Value } }
}
# The text of a member, found by the names that lead to it; the last of a name counts.
function Get-Part([string]$Json, [string[]]$Names) {
    $found = $Json
    foreach ($wanted in $Names) {
        if (-not (Test-Object $found)) { return $null }
        $next = $null
        foreach ($member in $jsonMember.Matches($found, 1)) {
            $name = $member.Groups['name'].Value
            if ($name.Contains('\')) { $name = '"' + (ConvertFrom-Quoted $name) + '"' }
            if ([string]::Equals($name, '"' + $wanted + '"')) { $next = $member.Groups['value'].Value }
        }
        if ($null -eq $next) { return $null }
        $found = $next
    }
    $found
}
# The string that a member holds, if it holds one that is not empty.
function Get-Word([string]$Json, [string[]]$Names) {
    $part = Get-Part $Json $Names
    if ($part -and $part.Length -gt 2 -and $part.StartsWith('"', $ordinal)) { ConvertFrom-Quoted $part }
}
# The elements of a collection, or the one object.
function Get-Element([string]$Json) {
    if (-not $Json) { return }
    $value = Get-Part $Json 'value'
    if ($null -eq $value) { $Json }
    elseif (Test-List $value) { Split-List $value }
    elseif ($value -cne 'null') { $value }
}
function Get-Single([string]$Json) {
    if (Get-Part $Json 'id') { return $Json }
    $elements = @(Get-Element $Json)
    if ($elements.Count -gt 0) { $elements[0] } else { $Json }
}
function Set-Part([string]$Json, [string]$Name, [string]$Value) {
    $quoted = Format-Text $Name
    $members = New-Object System.Collections.ArrayList
    foreach ($member in $jsonMember.Matches($Json, 1)) {
        if (-not [string]::Equals($member.Groups['name'].Value, $quoted)) { $null = $members.Add($member.Groups['name'].Value + ':' + $member.Groups['value'].Value) }
    }
    if ($Value) { $null = $members.Add($quoted + ':' + $Value) }
    '{' + ($members.ToArray() -join ',') + '}'
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
function Format-List([string[]]$Elements) { '[' + (@($Elements | Where-Object { $_ }) -join ',') + ']' }
function Test-Same([string]$Left, [string]$Right) { $Left -and [string]::Equals($Left, $Right, [System.StringComparison]::OrdinalIgnoreCase) }
function New-Set { New-Object 'System.Collections.Generic.HashSet[string]' }

# Sending: GET, no redirects, a limit of time and size, eight at once.
$handler = New-Object System.Net.Http.HttpClientHandler
$handler.AllowAutoRedirect = $false
$handler.UseCookies = $false
$handler.AutomaticDecompression = [System.Net.DecompressionMethods]::GZip -bor [System.Net.DecompressionMethods]::Deflate
# On Windows the proxy is told who is at the machine, as browsers do.
if ([System.Environment]::OSVersion.Platform -eq [System.PlatformID]::Win32NT) { $handler.DefaultProxyCredentials = [System.Net.CredentialCache]::DefaultCredentials }
$client = New-Object System.Net.Http.HttpClient -ArgumentList $handler
$client.Timeout = [TimeSpan]::FromSeconds(30)
$client.MaxResponseContentBufferSize = 16MB
$tokens = @{}
function Start-Send($Flight) {
    $read = $Flight.Read
    $request = New-Object System.Net.Http.HttpRequestMessage -ArgumentList ([System.Net.Http.HttpMethod]::Get), ($origins[$read.service] + $Flight.Path)
    foreach ($header in $read.headers.PSObject.Properties) {
        if ($Flight.Refused -and $header.Name -ceq 'ConsistencyLevel') { continue }
        $null = $request.Headers.TryAddWithoutValidation($header.Name, [string]$header.Value)
    }
    if ($read.signed) { $null = $request.Headers.TryAddWithoutValidation('Authorization', 'Bearer ' + $tokens[$read.service]) }
    $Flight.Task = $client.SendAsync($request)
}
# The pause that a service asks for, in seconds: a number, or a date.
function Get-Pause($Response) {
    if (-not $Response.Headers.Contains('Retry-After')) { return 1 }
    $asked = @($Response.Headers.GetValues('Retry-After'))[0].Trim()
    $seconds = 0.0
    if ($asked -match '\A[0-9]+\z') { if ([double]::TryParse($asked, [System.Globalization.NumberStyles]::None, $culture, [ref]$seconds)) { return $seconds } else { return [double]::MaxValue } }
    $date = [DateTimeOffset]::MinValue
    if ([DateTimeOffset]::TryParse($asked, $culture, [System.Globalization.DateTimeStyles]::AssumeUniversal, [ref]$date)) { return [Math]::Max(0.0, ($date - [DateTimeOffset]::UtcNow).TotalSeconds) }
    1
}
function Receive-Reply($Flight) {
    $reply = @{ Status = $null; Body = $null; Detail = $null; RetryAfter = 1; Challenge = '' }
    try {
        $response = $Flight.Task.GetAwaiter().GetResult()
        $bytes = $response.Content.ReadAsByteArrayAsync().GetAwaiter().GetResult()
        $reply.Status = [int]$response.StatusCode
        $reply.RetryAfter = Get-Pause $response
        if ($response.Headers.Contains('WWW-Authenticate')) { $reply.Challenge = @($response.Headers.GetValues('WWW-Authenticate')) -join ', ' }
        $text = [System.Text.Encoding]::UTF8.GetString($bytes).TrimStart([char]0xFEFF).Trim()
    } catch {
        $reply.Detail = 'no answer came back: ' + $_.Exception.GetBaseException().Message
        return $reply
    }
    if ($reply.Status -ge 300 -and $reply.Status -lt 400) {
        $target = 'nowhere'
        if ($response.Headers.Location) { $target = $response.Headers.Location.OriginalString.Split('?')[0].Split('#')[0] }
        $reply.Detail = "redirected to $target; redirects are not followed"
    } elseif ($reply.Status -eq 407) { $reply.Detail = 'the proxy asks for a sign-in' }
    elseif (-not $text -or $text -ceq 'null') { }
    elseif (Test-WholeJson $text) { $reply.Body = $text }
    elseif ($reply.Status -eq 401 -or $reply.Status -eq 403) { }
    elseif ($text.StartsWith('<', $ordinal)) { $reply.Detail = "HTTP $($reply.Status): a web page instead of JSON, as a proxy or a sign-in page sends it" }
    else { $reply.Detail = "HTTP $($reply.Status): the answer is not whole JSON" }
    $reply
}
function Test-Success($Reply) { $null -ne $Reply -and $null -eq $Reply.Detail -and $Reply.Status -ge 200 -and $Reply.Status -lt 300 }
# A column that an older version does not know is left out: the refusal, in whatever language, has its name between quotes.
function Remove-Column([string]$Path, [string]$Message) {
    if (-not ($Path -match '\A(.*\$select=)([^&]*)(.*)\z')) { return }
    $before = $Matches[1]
    $after = $Matches[3]
    $all = @($Matches[2].Split(','))
    foreach ($word in [System.Text.RegularExpressions.Regex]::Split($Message, '[\u0022\u0027\u00AB\u00BB\u2018\u2019\u201C\u201D\u201E\u300C\u300D]')) {
        $column = $word.Trim()
        if ($all -cnotcontains $column) { continue }
        $left = @($all | Where-Object { -not [string]::Equals($_, $column) })
        if ($left.Count -gt 0) { return $before + ($left -join ',') + $after }
    }
}
# The path of a next link, if it lies at the service that gave it: compared letter by letter, then as it will be sent.
function Get-NextPath([string]$Link, [string]$Origin) {
    if ($Link -notmatch '\A[!#-\[\]-~]+\z') { return }
    if (-not $Link.StartsWith($Origin + '/', [System.StringComparison]::OrdinalIgnoreCase)) { return }
    $there = $null
    if (-not [System.Uri]::TryCreate($Link, [System.UriKind]::Absolute, [ref]$there)) { return }
    $here = New-Object System.Uri -ArgumentList $Origin
    if ($there.Scheme -ceq $here.Scheme -and $there.Host -ceq $here.Host -and $there.Port -eq $here.Port -and -not $there.UserInfo) { $Link.Substring($Origin.Length) }
}
function New-Broken($Status, [string]$Detail) { @{ Status = $Status; Body = $null; Detail = $Detail; Challenge = '' } }
# Whether older sign-ins would be history alone: over a day was read, every kind that was asked for reached Dynamics 365, and
# so did every stream of them that is seen.
$dynamics = @{ Resource = Format-Text $list.own.resource; Applications = @($list.own.applications | ForEach-Object { Format-Text $_ }) }
function Test-FarEnough($Read, $Elements) {
    if ($Read.section -cne 'graph.sign_ins') { return $false }
    $days = New-Set
    $streams = New-Set
    $succeeded = New-Set
    $kinds = New-Set
    foreach ($element in $Elements) {
        $parts = @{}
        foreach ($member in $jsonMember.Matches($element, 1)) { $parts[$member.Groups['name'].Value] = $member.Groups['value'].Value }
        $at = [string]$parts['"createdDateTime"']
        if ($at.Length -gt 11) { $null = $days.Add($at.Substring(1, 10)) }
        if (($parts['"resourceId"'] -cne $dynamics.Resource) -and ($dynamics.Applications -cnotcontains $parts['"appId"'])) { continue }
        $stream = @('"appId"', '"authenticationProtocol"', '"signInEventTypes"' | ForEach-Object { [string]$parts[$_] }) -join ' '
        $null = $streams.Add($stream)
        if ((Get-Part ([string]$parts['"status"']) 'errorCode') -cne '0') { continue }
        $null = $succeeded.Add($stream)
        foreach ($kind in @(Split-List ([string]$parts['"signInEventTypes"']))) { $null = $kinds.Add($kind) }
    }
    foreach ($asked in [System.Text.RegularExpressions.Regex]::Matches($Read.path, "t eq '([A-Za-z]+)'")) {
        if (-not $kinds.Contains((Format-Text $asked.Groups[1].Value))) { return $false }
    }
    $days.Count -ge 3 -and $streams.Count -gt 0 -and $streams.SetEquals($succeeded)
}
# What an answer makes of a read: its end in Reply, or the path to ask next, not before At.
function Step-Read($Flight, $Reply) {
    $read = $Flight.Read
    $Flight.Attempts++
    if ((429, 503, 504) -contains $Reply.Status -and $Flight.Attempts -lt 4 -and $Reply.RetryAfter -le 60) {
        $Flight.At = [DateTime]::UtcNow.AddSeconds($Reply.RetryAfter)
        return
    }
    if ($null -eq $Reply.Status -and $Flight.Attempts -lt 2) { return }
    if ($Reply.Status -eq 400 -and $read.service -eq 'dataverse' -and $Flight.Columns -lt 8) {
        $shorter = Remove-Column $Flight.Path (Get-Word $Reply.Body ('error', 'message'))
        if ($shorter) {
            $Flight.Path = $shorter
            $Flight.Columns++
            $Flight.Attempts = 0
            return
        }
    }
    if ($Flight.Pages -gt 0 -and $Reply.Status -eq 404) { $Flight.Reply = New-Broken 404 'HTTP 404 for a later page'; return }
    # A tenant that takes no advanced query is asked without it; if that helps nothing, the first refusal stands.
    if ($Reply.Status -eq 400 -and -not $Flight.Refused -and $Flight.Path.Contains('/transitiveMemberOf/')) {
        $Flight.Refused = $Reply
        $Flight.Path = $Flight.Path.Replace('$count=true&', '')
        $Flight.Attempts = 0
        return
    }
    if (-not (Test-Success $Reply)) {
        if ($Flight.Refused -and $Flight.Pages -eq 0) { $Flight.Reply = $Flight.Refused } else { $Flight.Reply = $Reply }
        return
    }
    $list = Get-Part $Reply.Body 'value'
    $isList = $list -and (Test-List $list)
    if ($Flight.Pages -eq 0) { $Flight.First = $Reply }
    elseif (-not $isList) { $Flight.Reply = New-Broken $Reply.Status 'a page without its list'; return }
    $Flight.Pages++
    $Flight.Attempts = 0
    # A link to more means something only beside a list.
    $link = $null
    if ($isList) {
        $link = Get-Word $Reply.Body '@odata.nextLink'
        if ($link -or $Flight.Pages -gt 1) { foreach ($element in @(Split-List $list)) { $null = $Flight.Elements.Add($element) } }
    }
    $isCut = $link -and $read.paced -and ($Flight.Pages -ge 5 -or (Test-FarEnough $read $Flight.Elements))
    if ($link -and -not $isCut) {
        $next = Get-NextPath $link $origins[$read.service]
        if (-not $next) { $Flight.Reply = New-Broken $Reply.Status 'the next page is at another host; it was not asked for' }
        elseif ($Flight.Pages -ge 50) { $Flight.Reply = New-Broken $Reply.Status 'more than 50 pages' }
        else { $Flight.Path = $next }
        return
    }
    $whole = $Flight.First
    if ($Flight.Pages -gt 1 -or $isCut) {
        $whole.Body = Set-Part (Set-Part $whole.Body '@odata.nextLink' '') 'value' (Format-List $Flight.Elements.ToArray())
        if ($isCut) { $whole.Body = Set-Part $whole.Body 'truncated' 'true' }
    }
    # A list that is as long as the request allows may go on.
    if ($isList -and $read.service -ceq 'dataverse' -and $read.path -match '\$top=([0-9]+)') {
        $limit = [int]$Matches[1]
        if (@(Get-Element $whole.Body).Count -ge $limit) { $whole.Body = Set-Part $whole.Body 'truncated' 'true' }
    }
    $Flight.Reply = $whole
}

# Replies by position in the list and by the value that varied; a row of the list is named by section and part.
$replies = @{}
$positions = @{}
$placeholders = @{}
for ($i = 0; $i -lt $reads.Count; $i++) {
    $positions[$reads[$i].section + ' ' + $reads[$i].part] = $i
    $placeholders[$i] = @([System.Text.RegularExpressions.Regex]::Matches($reads[$i].path, '\{([a-z_]+)\}') | ForEach-Object { $_.Groups[1].Value })
    $replies[$i] = @{}
}
function Find-Index([string]$Section, [string]$Part) {
    $position = $positions[$Section + ' ' + $Part]
    if ($null -eq $position) { -1 } else { $position }
}
function Get-Reply([string]$Section, [string]$Part) {
    $given = $replies[(Find-Index $Section $Part)]
    if (-not $given) { return }
    if ($given.Count -eq 1) { $given.Values; return }
    $names = [string[]]@($given.Keys)
    [Array]::Sort($names, [StringComparer]::Ordinal)
    foreach ($name in $names) { $given[$name] }
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
function Test-UnknownQuestion([string]$Section, [string]$Part = '') {
    foreach ($reply in @(Get-Reply $Section $Part)) { if ((400, 404, 405, 501) -contains $reply.Status) { return $true } }
    $false
}
# Whether the audit table was refused, or leaves out what an update changed.
function Test-ChangesMissing {
    if (Test-UnknownQuestion 'dataverse.user_audit') { return $true }
    foreach ($reply in @(Get-Reply 'dataverse.user_audit' '')) { if ($reply.Status -eq 403) { return $true } }
    foreach ($entry in @(Get-Element (Get-FirstBody 'dataverse.user_audit' ''))) {
        $changed = Get-Part $entry 'changedata'
        if ((Get-Part $entry 'action') -ceq '2' -and (-not $changed -or $changed -ceq 'null')) { return $true }
    }
    $false
}
function Get-EnvironmentBody {
    $body = Get-FirstBody 'admin.environment' ''
    if ($body) { return $body }
    foreach ($part in 'by organization', 'list') {
        foreach ($candidate in @(Get-Element (Get-FirstBody 'admin.environment' $part))) {
            $url = Get-Word $candidate ('properties', 'linkedEnvironmentMetadata', 'instanceUrl')
            if ($url -and (Test-Same $url.TrimEnd('/') $origins.dataverse)) { return $candidate }
        }
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
# Work 365's own table of jobs: found by its name, its columns by name and type, its states by their labels.
function Get-OwnTable([string]$Body) {
    foreach ($row in @(Get-Element $Body)) {
        $names = @{}
        foreach ($pair in @(@('logicalname', 'LogicalName'), @('entitysetname', 'EntitySetName'), @('name', 'SchemaName'))) {
            $names[$pair[0]] = Get-Word $row $pair[0]
            if (-not $names[$pair[0]]) { $names[$pair[0]] = Get-Word $row $pair[1] }
        }
        if ($names['logicalname'] -and $names['logicalname'].ToLowerInvariant().StartsWith('work365_', $ordinal)) { $names }
    }
}
function Get-JobTable {
    $seen = New-Set
    $found = @(foreach ($part in '', 'definitions') {
        foreach ($names in @(Get-OwnTable (Get-FirstBody 'dataverse.work365_tables' $part))) {
            $name = $names['logicalname'].ToLowerInvariant()
            if ($name.EndsWith('job', $ordinal) -and $names['entitysetname'] -and $seen.Add($name)) { @{ Name = $name; Set = $names['entitysetname'] } }
        }
    })
    $plain = @($found | Where-Object { $_.Name -ceq 'work365_job' })
    if ($plain.Count -gt 0) { $plain[0] } else { $found | Sort-Object { $_.Name } }
}
function Get-TableColumn {
    $seen = New-Set
    foreach ($row in @(Get-Element (Get-FirstBody 'dataverse.work365_jobs' 'columns'))) {
        $name = Get-Word $row 'LogicalName'
        $kind = Get-Word $row 'AttributeType'
        if ($kind -and $name -match '\A[A-Za-z0-9_]+\z') { $null = $seen.Add($name + ' ' + $kind) }
    }
    $all = [string[]]@($seen)
    [Array]::Sort($all, [StringComparer]::Ordinal)
    foreach ($pair in $all) {
        $name, $kind = $pair.Split(' ')
        @{ Name = $name; Kind = $kind }
    }
}
function Test-StateName([string]$Name) { $Name.StartsWith('work365_', $ordinal) -and ($Name.Contains('status') -or $Name.Contains('state')) }
function Get-StateColumn {
    foreach ($column in @(Get-TableColumn)) {
        if (($column.Name -ceq 'statuscode' -and $column.Kind -ceq 'Status') -or ($column.Kind -ceq 'Picklist' -and (Test-StateName $column.Name))) { $column.Name }
    }
}
function Get-JobColumn {
    foreach ($column in @(Get-TableColumn)) {
        $name = $column.Name
        $isWanted = $false
        switch -CaseSensitive ($column.Kind) {
            'Status' { $isWanted = $true }
            'State' { $isWanted = $true }
            'Picklist' { $isWanted = (Test-StateName $name) -or ($name.StartsWith('work365_', $ordinal) -and $name.EndsWith('type', $ordinal)) }
            'DateTime' { $isWanted = ('createdon', 'modifiedon') -ccontains $name -or $name.Contains('schedul') }
            'Memo' { $isWanted = $name.Contains('result') }
            'String' { $isWanted = $name -ceq 'work365_name' -or $name.Contains('result') }
        }
        if ($isWanted) { $name }
    }
}
$jobStates = @{ waiting = 'Waiting'; dispatched = 'Dispatched'; inprogress = 'In Progress'; succeeded = 'Succeeded'; failed = 'Failed'; notapplicable = 'Not Applicable'; retry = 'Retry'; cancelled = 'Cancelled'; canceled = 'Cancelled' }
# What the counts tell: column, value, state and number; a row whose state is not known has no state.
function Get-JobCount {
    $columns = @(Get-StateColumn)
    foreach ($row in @(Get-Element (Get-FirstBody 'dataverse.work365_jobs' 'counts'))) {
        $told = @{ Column = ''; Value = ''; State = $null; Count = Get-Part $row 'count' }
        foreach ($column in $columns) {
            $label = Get-Word $row ($column + '@OData.Community.Display.V1.FormattedValue')
            if (-not $label -or $told.State) { continue }
            $state = $jobStates[($label -replace '[^A-Za-z]', '').ToLowerInvariant()]
            $number = Get-Part $row $column
            if ($state -and $number -match '\A-?[0-9]+\z') { $told.Column = $column; $told.Value = $number; $told.State = $state }
        }
        $told
    }
}
function Join-Condition($Counts, [string[]]$Wanted) {
    $terms = [string[]]@($Counts | Where-Object { $_.State -and $Wanted -ccontains $_.State } | ForEach-Object { $_.Column + ' eq ' + $_.Value } | Select-Object -Unique)
    [Array]::Sort($terms, [StringComparer]::Ordinal)
    $terms -join ' or '
}
function Update-Known {
    $user = Get-FirstBody 'graph.user' ''
    $objectId = $null
    if ($user) { $objectId = Get-Word (Get-Single $user) 'id' }
    $principal = $objectId
    foreach ($entry in @(Get-Element (Get-FirstBody 'graph.sign_ins' 'by name'))) { if (-not $principal) { $principal = Get-Word $entry 'userId' } }
    $row = Get-Row $principal
    $applications = @(Get-Element (Get-FirstBody 'graph.service_principal' ''))
    # Entra puts the object id, without its hyphens, before the name of what it deletes; another account may end alike.
    $deleted = @(Get-Element (Get-FirstBody 'graph.deleted_users' '') |
        Where-Object { (Get-Word $_ 'userPrincipalName') -match ('\A([0-9A-Fa-f]{32})?' + [System.Text.RegularExpressions.Regex]::Escape($Account) + '\z') })
    Set-Known 'account' $Account
    Set-Known 'since' $since
    Set-Known 'jobs_since' $jobsSince
    Set-Known 'tenant' $knownTenant
    Set-Known 'privileges' (Format-List @($list.privileges | ForEach-Object { Format-Text $_ }))
    if ($isApplication) { Set-Known 'application' $Account }
    if ($Account.Contains('@')) { Set-Known 'domain' (($Account.Split('@') | Select-Object -Last 1).ToLowerInvariant()) }
    Set-Known 'object_id' $objectId
    if (-not $objectId -and (Test-Read 'graph.user' '')) { Set-Known 'account_without_id' ($Account.ToLowerInvariant() -replace '_([^_]*)#ext#@.*\z', '@$1') }
    if (Test-UnknownQuestion 'graph.sign_ins') { Set-Known 'object_id_without_types' $objectId }
    Set-Known 'service_principal' @($applications | ForEach-Object { Get-Word $_ 'id' })
    if ($isApplication) { Set-Known 'audited' @($applications | Where-Object { Test-Same (Get-Word $_ 'appId') $Account } | ForEach-Object { Get-Word $_ 'id' }) }
    elseif ($objectId) { Set-Known 'audited' $objectId }
    elseif ($deleted.Count -eq 1) { Set-Known 'audited' (Get-Word $deleted[0] 'id') }
    $grants = @(Get-Body 'graph.permission_grants' '' | ForEach-Object { Get-Element $_ })
    $seen = New-Set
    Set-Known 'resource' @($grants | ForEach-Object { Get-Word $_ 'resourceId' } | Where-Object { $_ -and $seen.Add($_) })
    $memberships = Get-FirstBody 'graph.group_memberships' ''
    $own = @(Get-Element $memberships | ForEach-Object { Get-Word $_ 'id' })
    $seen = New-Set
    Set-Known 'assigned_group' @(Get-Body 'graph.app_role_assignments' '' | ForEach-Object { Get-Element $_ } |
        Where-Object { Test-Same (Get-Word $_ 'principalType') 'Group' } | ForEach-Object { Get-Word $_ 'principalId' } |
        Where-Object { $_ -and $seen.Add($_) -and (-not $memberships -or $own -contains $_) })
    Set-Known 'operator' (Get-Word (Get-FirstBody 'dataverse.who_am_i' '') 'UserId')
    # What was not known before the sign-in may be known now: then nobody asks for every environment of the tenant.
    Set-Known 'unlisted_organization' @()
    Set-Known 'whole_list' @()
    $id = $EnvironmentId
    if (-not $id) { $id = Get-Word (Get-FirstBody 'admin.environment' 'environment id') ('Detail', 'EnvironmentId') }
    Set-Known 'environment_id' $id
    if (-not $id -and ((Test-Read 'admin.environment' 'environment id') -or -not $ready.dataverse)) {
        $organization = Get-Word (Get-FirstBody 'dataverse.who_am_i' '') 'OrganizationId'
        Set-Known 'unlisted_organization' $organization
        $listed = Get-FirstBody 'admin.environment' 'by organization'
        if (-not $organization -or (Test-UnknownQuestion 'admin.environment' 'by organization') -or ($listed -and @(Get-Element $listed).Count -eq 0)) { Set-Known 'whole_list' '2023-06-01' }
    }
    if (Test-UnknownQuestion 'dataverse.operator_privileges') { Set-Known 'operator_without_set' $known['operator'] }
    $group = Get-Word (Get-EnvironmentBody) ('properties', 'linkedEnvironmentMetadata', 'securityGroupId')
    if ($group -match '[1-9A-Za-z]') { Set-Known 'group' $group }
    Set-Known 'row' (Get-Word $row 'systemuserid')
    Set-Known 'business_unit' (Get-Word $row '_businessunitid_value')
    if ($isApplication) { Set-Known 'directory_object' (Get-Word $row 'azureactivedirectoryobjectid') } else { Set-Known 'directory_object' $principal }
    if (-not $row -and -not $isApplication -and (Test-Read 'dataverse.system_users' 'by name')) { Set-Known 'unmatched_object_id' $principal }
    if (Test-UnknownQuestion 'dataverse.user_privileges') { Set-Known 'row_without_set' (Get-Word $row 'systemuserid') }
    if (Test-ChangesMissing) { Set-Known 'row_without_changes' (Get-Word $row 'systemuserid') }
    if (Test-UnknownQuestion 'dataverse.work365_tables') { Set-Known 'definition_columns' 'LogicalName,EntitySetName,SchemaName' }
    $tables = @(Get-JobTable)
    if ($tables.Count -eq 1) {
        $states = @(Get-StateColumn)
        Set-Known 'job_table' $tables[0].Name
        Set-Known 'job_columns' (@(Get-JobColumn) -join ',')
        Set-Known 'job_states' ($states -join ',')
        if ($states.Count -gt 0) { Set-Known 'job_set' $tables[0].Set }
        $counts = @(Get-JobCount)
        Set-Known 'job_failed' (Join-Condition $counts @('Failed'))
        Set-Known 'job_succeeded' (Join-Condition $counts @('Succeeded'))
        Set-Known 'job_open' (Join-Condition $counts @('Waiting', 'Dispatched', 'In Progress', 'Retry'))
    }
    Set-Known 'team' @(Get-Element (Get-FirstBody 'dataverse.user_teams' '') | ForEach-Object { Get-Word $_ 'teamid' })
}

function Format-Value([string]$Plain) { [Uri]::EscapeDataString($Plain).Replace("'", '%27').Replace('(', '%28').Replace(')', '%29').Replace('!', '%21').Replace('*', '%2A') }
function Format-Path([string]$Template, [string]$Each, [string]$Varying) {
    $pieces = $Template.Split('{')
    $path = $pieces[0]
    for ($i = 1; $i -lt $pieces.Length; $i++) {
        $ends = $pieces[$i].Split('}')
        $filling = $known[$ends[0]][0]
        if ($ends[0] -ceq $Each) { $filling = $Varying }
        # A name that begins with a dollar sign is no path segment; Graph takes it as a key.
        if ($path.EndsWith('/users/', $ordinal) -and $filling.StartsWith('$', $ordinal)) {
            $path = $path.TrimEnd('/') + "('" + (Format-Value $filling.Replace("'", "''")) + "')" + $ends[1]
            continue
        }
        # Inside an OData string a quote is doubled.
        if ($path.EndsWith("'", $ordinal)) { $filling = $filling.Replace("'", "''") }
        $path = $path + (Format-Value $filling) + $ends[1]
    }
    $path.Replace(' ', '%20')
}
function Test-About($Read) { $Read.about -eq 'both' -or ($Read.about -eq 'application') -eq $isApplication }
# What can be asked now and was not.
function Get-Due {
    for ($i = 0; $i -lt $reads.Count; $i++) {
        $read = $reads[$i]
        if (-not (Test-About $read)) { continue }
        if ($read.signed -and -not $ready[$read.service]) { continue }
        $isLacking = $false
        foreach ($name in $placeholders[$i]) { if (-not $known.ContainsKey($name)) { $isLacking = $true } }
        if ($isLacking) { continue }
        $values = [string[]]@('')
        if ($read.each) { $values = $known[$read.each] }
        foreach ($varying in $values) {
            if (-not $asked.Add([string]$i + ' ' + $varying)) { continue }
            @{
                Index = $i; Value = $varying; Read = $read; Path = Format-Path $read.path $read.each $varying; At = [DateTime]::MinValue
                Attempts = 0; Pages = 0; Columns = 0; Refused = $null; First = $null; Elements = New-Object System.Collections.ArrayList; Task = $null; Reply = $null
            }
        }
    }
}
$asked = New-Set
$pacedAt = New-Object System.Collections.ArrayList
# The report family answers five requests in ten seconds.
function Test-Pace {
    $now = [DateTime]::UtcNow
    while ($pacedAt.Count -gt 0 -and ($now - $pacedAt[0]).TotalSeconds -ge 11) { $pacedAt.RemoveAt(0) }
    if ($pacedAt.Count -ge 5) { return $false }
    $null = $pacedAt.Add($now)
    $true
}
# Each question is asked as soon as the answers that it needs are there, until nothing is left.
function Read-All {
    $waiting = New-Object System.Collections.ArrayList
    $flying = New-Object System.Collections.ArrayList
    $count = 0
    $hasNews = $true
    while ($true) {
        if ($hasNews) {
            Update-Known
            foreach ($flight in @(Get-Due)) { $null = $waiting.Add($flight) }
            $hasNews = $false
        }
        foreach ($flight in $waiting.ToArray()) {
            if ($flying.Count -ge $most) { break }
            if ($flight.At -gt [DateTime]::UtcNow) { continue }
            if ($flight.Read.paced -and -not (Test-Pace)) { continue }
            $waiting.Remove($flight)
            $null = $flying.Add($flight)
            Start-Send $flight
        }
        if ($flying.Count -eq 0) {
            if ($waiting.Count -eq 0) { break }
            Start-Sleep -Milliseconds 100
            continue
        }
        # Not for ever, so that Ctrl-C is heard.
        $null = [System.Threading.Tasks.Task]::WaitAny([System.Threading.Tasks.Task[]]@($flying | ForEach-Object { $_.Task }), 200)
        foreach ($flight in $flying.ToArray()) {
            if (-not $flight.Task.IsCompleted) { continue }
            $flying.Remove($flight)
            $count++
            Step-Read $flight (Receive-Reply $flight)
            if ($flight.Reply) {
                $replies[$flight.Index][$flight.Value] = $flight.Reply
                if ($flight.Read.leads) { $hasNews = $true }
            } else { $null = $waiting.Add($flight) }
        }
    }
    Write-Host "read: $count answers"
}

# From replies to sections; each is @{ Outcome; Status; Detail; Body }.
function Test-Cut([string]$Body) { $Body -and (Get-Part $Body 'truncated') -ceq 'true' }
function New-Section([string]$Outcome, $Status, [string]$Detail, [string]$Body) { @{ Outcome = $Outcome; Status = $Status; Detail = $Detail; Body = $Body } }
# Refusals that mean more than their status says, by their words: the codes are the same for a licence and a permission.
function Add-Meaning($Read, $Section) {
    if ((@('denied', 'failed') -cnotcontains $Section.Outcome) -or -not $Section.Body) { return $Section }
    $words = ([string](Get-Word $Section.Body ('error', 'code')) + ' ' + [string](Get-Word $Section.Body ('error', 'message'))).ToLowerInvariant()
    $isDenied = $Section.Outcome -ceq 'denied'
    if ((400, 401, 403) -contains $Section.Status -and $Read.service -ceq 'graph' -and $words -match 'licensed for this feature|premiumlicenserequired|nonpremiumtenant|premium license|requires a license') {
        $license = 'Microsoft Entra ID P1'
        if ($Read.license) { $license = $Read.license }
        return New-Section 'denied' $Section.Status "the tenant has no $license licence, which this needs" $Section.Body
    }
    if ($isDenied -and $words.Contains('scopes are missing')) {
        $permission = 'a permission'
        if ($Read.permission) { $permission = $Read.permission }
        return New-Section 'denied' $Section.Status "the token lacks $permission" $Section.Body
    }
    if ($isDenied -and $Read.service -ceq 'admin' -and $words.Contains('service principal') -and $words.Contains('does not have permission')) {
        return New-Section 'denied' $Section.Status 'the application was never registered with the Power Platform: an administrator runs New-PowerAppManagementApp once' $Section.Body
    }
    $Section
}
# What hangs on an object that was found is empty at most: a 404 for it is no answer.
function Test-PartOfFound($Read) {
    $path = $Read.path.Split('?')[0]
    if (-not $path.Contains('{') -or $path.Split('/')[-1].Contains('{')) { return $false }
    -not $path.Contains('{account}') -or (Get-FirstBody 'graph.user' '')
}
function ConvertTo-Section($Read, $Reply) {
    $section = Add-Meaning $Read (ConvertTo-PlainSection $Read $Reply)
    if ($section.Outcome -ceq 'not_found' -and (Test-PartOfFound $Read)) { return New-Section 'failed' 404 'HTTP 404: a part of an object that was found cannot be missing' '' }
    $section
}
function ConvertTo-PlainSection($Read, $Reply) {
    $path = $Read.path.Split('?')[0]
    if ($Reply.Detail) { return New-Section 'failed' $Reply.Status $Reply.Detail '' }
    if (Test-Success $Reply) {
        if ($Reply.Body) { return New-Section 'ok' $Reply.Status '' $Reply.Body }
        return New-Section 'failed' $Reply.Status 'an empty answer' ''
    }
    if ($Reply.Status -eq 401 -or $Reply.Status -eq 403) { return New-Section 'denied' $Reply.Status '' $Reply.Body }
    if ($Reply.Status -eq 404) {
        if ($path.Contains('{') -and -not $path.StartsWith('/beta/', $ordinal)) { return New-Section 'not_found' 404 '' $Reply.Body }
        # Of a beta path, which may just not exist, and of a list, this is no answer.
        return New-Section 'failed' 404 'HTTP 404: no answer to this question' ''
    }
    New-Section 'failed' $Reply.Status "HTTP $($Reply.Status)" $Reply.Body
}
$unavailable = @{}
function Get-Missing([string]$Section, [string]$Part) {
    $index = Find-Index $Section $Part
    if ($index -lt 0) { return New-Section 'skipped' $null 'not asked' '' }
    $read = $reads[$index]
    if ($unavailable.ContainsKey($read.service)) { return $unavailable[$read.service] }
    $lacking = @($placeholders[$index] | Where-Object { -not $known.ContainsKey($_) })
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
    if ($section.Outcome -eq 'ok' -and $second -and (Test-Object $section.Body)) { $section.Body = Set-Part $section.Body 'passwordProfile' $second }
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
    $seen = New-Set
    foreach ($body in $Bodies) {
        foreach ($element in @(Get-Element $body)) { if ($seen.Add([string](Get-Part $element $Member))) { $element } }
    }
}
# Newest first; one list only if both could be read.
function Get-AuditSection {
    $policies = Get-PartSection 'graph.directory_audits' 'policies'
    if ($policies.Outcome -ne 'ok') { return $policies }
    $own = Get-PartSection 'graph.directory_audits' ''
    if ($own.Outcome -ne 'ok') { return $own }
    $entries = [string[]]@(Join-List ($own.Body, $policies.Body) 'id')
    # Of the same time, in the order that they came in.
    $times = New-Object 'string[]' $entries.Length
    for ($i = 0; $i -lt $entries.Length; $i++) { $times[$i] = [string](Get-Word $entries[$i] 'activityDateTime') + [char]0 + ($entries.Length - $i).ToString('d9') }
    [Array]::Sort($times, $entries, [StringComparer]::Ordinal)
    [Array]::Reverse($entries)
    $body = '{"value":' + (Format-List $entries) + '}'
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
    # Dataverse itself is looked at whether or not anything was granted for it.
    $dataverse = Get-FirstBody $Section 'dataverse'
    if ($dataverse) { $elements += $dataverse }
    $answers = @(Get-Reply $Section '' | Where-Object { $IsList -or $_.Status -ne 404 })
    foreach ($reply in $answers) {
        if (-not (Test-Success $reply)) { return ConvertTo-Section $reads[$index] $reply }
        if ($IsList) { $elements += @(Get-Element $reply.Body) }
        elseif (-not $dataverse -or -not (Test-Same (Get-Word $reply.Body 'id') (Get-Word $dataverse 'id'))) { $elements += $reply.Body }
    }
    $owners = Get-FirstBody 'graph.service_principal' ''
    $hasNoOwner = $owners -and @(Get-Element $owners).Count -eq 0
    if ($IsList -and $answers.Count -eq 0 -and -not $hasNoOwner) { return Get-Missing $Section '' }
    $body = '{"value":' + (Format-List $elements) + '}'
    if (@($answers | Where-Object { Test-Cut $_.Body }).Count -gt 0) { $body = Set-Part $body 'truncated' 'true' }
    New-Section 'ok' 200 '' $body
}
# Out of everybody's assignments the account's own and those of groups that it is a direct member of.
function Get-AssignmentSection {
    $name = 'graph.app_role_assignments'
    $everybody = Get-CollectedSection $name $true
    if ($everybody.Outcome -ne 'ok') { return $everybody }
    if (-not $known.ContainsKey('object_id')) { return New-Section 'skipped' $null ('not asked: it needs ' + $list.meanings.object_id) '' }
    $admitting = @($known['object_id'])
    $index = Find-Index $name 'direct'
    $refused = $null
    $asked = $replies[$index]
    if ($asked) {
        foreach ($group in @($asked.Keys)) {
            if (-not (Test-Success $asked[$group])) { if ($asked[$group].Status -ne 404) { $refused = $asked[$group] } }
            elseif (@(Get-Element $asked[$group].Body).Count -gt 0) { $admitting += $group }
        }
    }
    $own = @(Get-Element $everybody.Body | Where-Object { $admitting -contains (Get-Word $_ 'principalId') })
    if ($own.Count -eq 0 -and $refused) { return ConvertTo-Section $reads[$index] $refused }
    $body = '{"value":' + (Format-List $own) + '}'
    if ($own.Count -eq 0 -and (Test-Cut $everybody.Body)) { $body = Set-Part $body 'truncated' 'true' }
    New-Section 'ok' 200 '' $body
}
function Get-EnvironmentSection {
    if (Test-Read 'admin.environment' '') { return Get-PartSection 'admin.environment' '' }
    $body = Get-EnvironmentBody
    if ($body) { return New-Section 'ok' 200 '' $body }
    if (Get-FirstBody 'admin.environment' 'list') { return New-Section 'failed' 200 'no environment of the list has this address; -EnvironmentId names it' '' }
    if (Test-Read 'admin.environment' 'list') { return Get-PartSection 'admin.environment' 'list' }
    if (Test-Read 'admin.environment' 'by organization') { return Get-PartSection 'admin.environment' 'by organization' }
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
    New-Section 'ok' 200 '' ('{"value":' + (Format-List @(Join-List $bodies 'systemuserid')) + '}')
}
# What could not be read of a team is left out of it, and so stays unknown.
function Get-TeamSection {
    $section = Get-PartSection 'dataverse.user_teams' ''
    if ($section.Outcome -ne 'ok') { return $section }
    $teams = @()
    foreach ($team in @(Get-Element $section.Body)) {
        $id = Get-Word $team 'teamid'
        foreach ($pair in @(@{ Part = 'roles'; Key = 'roles' }, @{ Part = 'profiles'; Key = 'column_security_profiles' })) {
            $reply = $null
            if ($id) { $reply = $replies[(Find-Index 'dataverse.user_teams' $pair.Part)][$id] }
            if (Test-Success $reply) { $team = Set-Part $team $pair.Key (Get-Part $reply.Body 'value') }
        }
        $teams += $team
    }
    $section.Body = Set-Part $section.Body 'value' (Format-List $teams)
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
# Several lists of one table, the newest first; the newest success is one row by intent.
function Get-UnionSection([string]$Name, [string[]]$Parts, [string]$Key) {
    $isCut = $false
    $rows = @()
    $seen = New-Set
    if ($Parts -ccontains '' -and -not (Test-Read $Name '')) { return Get-Missing $Name '' }
    foreach ($part in $Parts) {
        if (-not (Test-Read $Name $part)) { continue }
        $section = Get-PartSection $Name $part
        if ($section.Outcome -ne 'ok') { return $section }
        if ($part -cne 'succeeded' -and (Test-Cut $section.Body)) { $isCut = $true }
        foreach ($row in @(Get-Element $section.Body)) {
            $id = Get-Part $row $Key
            if (-not $id -or $seen.Add($id)) { $rows += $row }
        }
    }
    $rows = [string[]]$rows
    $times = New-Object 'string[]' $rows.Length
    for ($i = 0; $i -lt $rows.Length; $i++) { $times[$i] = [string](Get-Word $rows[$i] 'createdon') + [char]0 + ($rows.Length - $i).ToString('d9') }
    [Array]::Sort($times, $rows, [StringComparer]::Ordinal)
    [Array]::Reverse($rows)
    $body = '{"value":' + (Format-List $rows) + '}'
    if ($isCut) { $body = Set-Part $body 'truncated' 'true' }
    New-Section 'ok' 200 '' $body
}
# One entry of the record's history: when and what, as far as it was sent, and a change of columns as the audit table has it.
function Format-Event([string]$Detail) {
    $members = foreach ($name in 'createdon', 'action') {
        $part = Get-Part $Detail ('AuditRecord', $name)
        if ($part -and $part -cne 'null') { (Format-Text $name) + ':' + $part }
    }
    '{' + (@($members) -join ',') + '}'
}
function Format-Change([string]$Detail) {
    $old = [string](Get-Part $Detail 'OldValue')
    $new = [string](Get-Part $Detail 'NewValue')
    if (-not (Test-Object $old) -and -not (Test-Object $new)) { return '' }
    $names = New-Set
    foreach ($values in $old, $new) {
        foreach ($member in $jsonMember.Matches($values, [Math]::Min(1, $values.Length))) {
            $name = ConvertFrom-Quoted $member.Groups['name'].Value
            if (-not $name.Contains('@')) { $null = $names.Add($name) }
        }
    }
    $sorted = New-Object 'string[]' $names.Count
    $names.CopyTo($sorted)
    [Array]::Sort($sorted, [StringComparer]::Ordinal)
    $changes = @(foreach ($name in $sorted) {
        $values = @(foreach ($side in $new, $old) { $part = Get-Part $side $name; if ($null -eq $part) { 'null' } else { $part } })
        '{"logicalName":' + (Format-Text ($name -creplace '\A_(.*)_value\z', '$1')) + ',"newValue":' + $values[0] + ',"oldValue":' + $values[1] + '}'
    })
    Set-Part (Format-Event $Detail) 'changedata' (Format-Text ('{"changedAttributes":' + (Format-List $changes) + '}'))
}
# Changes of columns by the record's history where the audit table does not name them; other events by the table. A table
# that was refused stays refused where the history has no times in its place.
function Get-ChangeSection {
    $audit = Get-PartSection 'dataverse.user_audit' ''
    $history = Get-FirstBody 'dataverse.user_audit' 'change history'
    $list = [string](Get-Part $history ('AuditDetailCollection', 'AuditDetails'))
    if (-not (Test-List $list)) { return $audit }
    $isRead = $audit.Outcome -eq 'ok'
    $entries = @()
    $events = @()
    foreach ($detail in @(Split-List $list)) {
        if (-not $isRead -and -not (Get-Word $detail ('AuditRecord', 'createdon'))) { return $audit }
        $change = Format-Change $detail
        if ($change) { $entries += $change } else { $events += Format-Event $detail }
    }
    if ($isRead) { $events = @(Get-Element $audit.Body | Where-Object { (Get-Part $_ 'action') -cne '2' }) }
    $body = '{"value":' + (Format-List ($entries + $events)) + '}'
    if ((Get-Part $history ('AuditDetailCollection', 'MoreRecords')) -ceq 'true' -or (Test-Cut $audit.Body)) { $body = Set-Part $body 'truncated' 'true' }
    New-Section 'ok' 200 '' $body
}
function Get-TableSection {
    $part = ''
    if (Test-Read 'dataverse.work365_tables' 'definitions') { $part = 'definitions' }
    $section = Get-PartSection 'dataverse.work365_tables' $part
    $list = Get-Part $section.Body 'value'
    if ($section.Outcome -ne 'ok' -or -not $list -or -not (Test-List $list)) { return $section }
    $rows = @(foreach ($names in @(Get-OwnTable $section.Body)) {
        $members = foreach ($name in 'logicalname', 'entitysetname', 'name') {
            if ($names[$name]) { (Format-Text $name) + ':' + (Format-Text $names[$name]) } else { (Format-Text $name) + ':null' }
        }
        '{' + ($members -join ',') + '}'
    })
    New-Section 'ok' 200 '' ('{"value":' + (Format-List $rows) + '}')
}
function Get-JobSection {
    $name = 'dataverse.work365_jobs'
    $tables = @(Get-JobTable)
    if ($tables.Count -gt 1) { return New-Section 'skipped' $null ('not asked: several tables could hold the jobs: ' + (@($tables | ForEach-Object { $_.Name }) -join ', ')) '' }
    if ($tables.Count -eq 0) {
        if ((Get-FirstBody 'dataverse.work365_tables' '') -or (Get-FirstBody 'dataverse.work365_tables' 'definitions')) { return New-Section 'not_found' $null 'no table of Work 365 is one of jobs' '' }
        return Get-Missing $name 'columns'
    }
    foreach ($part in 'columns', 'counts') {
        $section = Get-PartSection $name $part
        if ($section.Outcome -ne 'ok') { return $section }
    }
    $counts = @(Get-JobCount)
    $told = @($counts | Where-Object { $_.State })
    if ($counts.Count -gt 0 -and $told.Count -eq 0) { return New-Section 'failed' 200 'the states of the jobs have labels that are not known' '' }
    $section = Get-UnionSection $name @('failed', 'open', 'succeeded') ($tables[0].Name + 'id')
    if ($section.Outcome -ne 'ok') { return $section }
    $sums = @{}
    foreach ($one in $told) { $sums[$one.State] = [long]$sums[$one.State] + [long]$one.Count }
    $members = @($sums.Keys | Sort-Object | ForEach-Object { (Format-Text $_) + ':' + [string]$sums[$_] })
    $section.Body = Set-Part (Set-Part $section.Body 'table' (Format-Text $tables[0].Name)) 'counts' ('{' + ($members -join ',') + '}')
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
        'graph.app_role_assignments' { return Get-AssignmentSection }
        'admin.environment' { return Get-EnvironmentSection }
        'dataverse.system_users' { return Get-RowSection }
        'dataverse.user_teams' { return Get-TeamSection }
        'dataverse.operator_privileges' { return Get-PrivilegeSection $Name }
        'dataverse.user_privileges' { return Get-PrivilegeSection $Name }
        'dataverse.user_privileges_cached' { return Get-PrivilegeSection $Name }
        'dataverse.system_jobs' { return Get-UnionSection $Name @('', 'of the account', 'succeeded') 'asyncoperationid' }
        'dataverse.user_audit' { return Get-ChangeSection }
        'dataverse.work365_tables' { return Get-TableSection }
        'dataverse.work365_jobs' { return Get-JobSection }
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
$challenge = @(Get-Reply 'login.challenge' '')[0]
if ($challenge -and $null -eq $challenge.Status) { Stop-Run 3 "$($origins.dataverse) cannot be reached: $($challenge.Detail)" }
$challenged = ''
$named = Get-Word (Get-ChallengeSection).Body 'authorization_uri'
if ($named -match '\A[^/]*//[^/]*/([0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12})(/|\z)') { $challenged = $Matches[1].ToLowerInvariant() }
if ($challenged -and $Tenant -match $guid -and -not (Test-Same $Tenant $challenged)) { Stop-Run 3 "-Tenant: $($origins.dataverse) belongs to the tenant $challenged, not to $Tenant; nothing was read" }
$signInTenant = Select-Given $Tenant $challenged
if (-not $signInTenant -and $Account.Contains('@')) { $signInTenant = $Account.Split('@') | Select-Object -Last 1 }

# A token of the variable, else of Microsoft's modules; without one the sections of the service say why.
$graphClouds = @{ 'public' = 'Global'; 'gcc' = 'Global'; 'gcc-high' = 'USGov'; 'dod' = 'USGovDoD'; 'china' = 'China' }
$azureClouds = @{ 'public' = 'AzureCloud'; 'gcc' = 'AzureCloud'; 'gcc-high' = 'AzureUSGovernment'; 'dod' = 'AzureUSGovernment'; 'china' = 'AzureChinaCloud' }
$scopes = '@@scopes@@'.Split(' ')
$azure = @{ IsEntered = $false }
function Get-AzureToken([string]$Audience) {
    if (-not (Get-Module -ListAvailable -Name Az.Accounts)) { return '' }
    Import-Module Az.Accounts
    $cloud = $azureClouds[$list.cloud]
    $whom = @{}
    if ($signInTenant) { $whom.TenantId = $signInTenant }
    # A sign-in that was there before may be for another cloud or tenant.
    $context = Get-AzContext
    $isOurs = $azure.IsEntered
    if (-not $isOurs -and $context) { $isOurs = (Test-Same ([string]$context.Environment.Name) $cloud) -and (-not $signInTenant -or (Test-Same ([string]$context.Tenant.Id) $signInTenant)) }
    if (-not $isOurs) { $null = Connect-AzAccount -Environment $cloud -Scope Process @whom }
    $azure.IsEntered = $true
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
# The claims of a token, as JSON; nothing when it is opaque or broken.
function Get-Claims([string]$Token) {
    $pieces = $Token.Split('.')
    if ($pieces.Length -ne 3) { return '' }
    $encoded = $pieces[1].Replace('-', '+').Replace('_', '/').TrimEnd('=')
    try { $claims = (New-Object System.Text.UTF8Encoding -ArgumentList $false, $true).GetString([Convert]::FromBase64String($encoded.PadRight($encoded.Length + (4 - $encoded.Length % 4) % 4, '='))).Trim() }
    catch { return '' }
    if ((Test-Object $claims) -and (Test-WholeJson $claims)) { $claims } else { '' }
}
# Whom a token is for, in one spelling: the host of an environment has a second name, with "api" in it.
function Get-Plain([string]$Audience) { $Audience.Trim().TrimEnd('/').ToLowerInvariant().Replace('.api.', '.') }
$audiences = @{
    graph     = @((Get-Plain @@graph_audience@@), '00000003-0000-0000-c000-000000000000')
    dataverse = @((Get-Plain $origins.dataverse), '00000007-0000-0000-c000-000000000000')
    admin     = @((Get-Plain @@admin_audience@@), '475226c6-020e-4fb2-8a90-7a972cbfc1d4')
}
# Why a token must not be sent: it has ended, or another service is meant.
function Get-TokenFault([string]$Service, [string]$Token) {
    $claims = Get-Claims $Token
    if (-not $claims) { return }
    $end = 0.0
    $now = ([DateTime]::UtcNow - [DateTime]'1970-01-01').TotalSeconds
    if ([double]::TryParse([string](Get-Part $claims 'exp'), [System.Globalization.NumberStyles]::Float, $culture, [ref]$end) -and $end -le $now) { return "ended $([Math]::Floor(($now - $end) / 60)) minutes ago" }
    $audience = Get-Word $claims 'aud'
    if (-not $audience) { return }
    $plain = Get-Plain $audience
    if ($audiences[$Service] -ccontains $plain) { return }
    $isElsewhere = @('graph', 'dataverse', 'admin' | Where-Object { $audiences[$_] -ccontains $plain }).Count -gt 0
    # An environment on this machine stands for one that is not known here; the admin center takes tokens of several names.
    $isFree = ($Service -eq 'dataverse' -and $origins.dataverse.StartsWith('http://', $ordinal)) -or $Service -eq 'admin'
    if ($isElsewhere -or -not $isFree) { "was issued for $audience" }
}
function Enter-Service([string]$Service, [string]$Variable, [string]$Whom, [scriptblock]$Fetch) {
    # As copied: with quotes, or the word that stands before it in a header.
    $token = ([string][Environment]::GetEnvironmentVariable($Variable)).Trim().Trim([char]34, [char]39) -replace '\A(?i)bearer\s+', ''
    $source = "the token in $Variable"
    try {
        if (-not $token) {
            $token = [string](& $Fetch)
            $source = 'the token of the sign-in'
        }
    } catch { $unavailable[$Service] = New-Section 'failed' $null ('sign-in failed: ' + $_.Exception.Message.Split("`n")[0].Trim()) ''; return }
    if (-not $token) { $unavailable[$Service] = New-Section 'skipped' $null "no token: neither a module nor $Variable gave one" ''; return }
    if ($token -notmatch '\A[A-Za-z0-9._~+/=-]+\z') { $unavailable[$Service] = New-Section 'failed' $null 'sign-in failed: malformed token' ''; return }
    $fault = Get-TokenFault $Service $token
    if ($fault) { $unavailable[$Service] = New-Section 'skipped' $null "$source $fault, so it was not sent to $Whom" ''; return }
    $tokens[$Service] = $token
    $ready[$Service] = $true
}
Enter-Service 'graph' 'WORK365_DOCTOR_GRAPH_TOKEN' 'Microsoft Graph' { Get-GraphToken }
Enter-Service 'dataverse' 'WORK365_DOCTOR_DATAVERSE_TOKEN' 'the environment' { Get-AzureToken $origins.dataverse }
Enter-Service 'admin' 'WORK365_DOCTOR_ADMIN_TOKEN' 'the Power Platform admin API' { Get-AzureToken @@admin_audience@@ }
if ($ready.Count -eq 0) { Stop-Run 3 ('nobody is signed in: ' + ((@('graph', 'dataverse', 'admin' | ForEach-Object { $unavailable[$_].Detail }) | Select-Object -Unique) -join '; ')) }

# Who asks is evidence too: the claims of the Graph token, without opaque and per-session ones.
$operator = $unavailable['graph']
$tokenTenant = ''
if ($ready['graph']) {
    $operator = New-Section 'failed' $null 'malformed token' ''
    $claims = Get-Claims $tokens['graph']
    if ($claims) {
        $tokenTenant = [string](Get-Word $claims 'tid')
        $kind = 'user'
        if ((Get-Word $claims 'idtyp') -ceq 'app' -or -not ([string](Get-Part $claims 'scp')).StartsWith('"', $ordinal)) { $kind = 'application' }
        foreach ($member in $jsonMember.Matches($claims, 1)) {
            $name = ConvertFrom-Quoted $member.Groups['name'].Value
            if (('aio', 'rh', 'uti', 'sid') -ccontains $name -or $name.StartsWith('xms_', $ordinal)) { $claims = Set-Part $claims $name '' }
        }
        $operator = New-Section 'ok' $null '' ('{"kind":' + (Format-Text $kind) + ',"claims":' + $claims + '}')
    }
}
$knownTenant = Select-Given $tokenTenant $signInTenant
$tenantId = Select-Given $tokenTenant $challenged
if ($Tenant -match $guid) { $tenantId = $Tenant }

Read-All

# The snapshot: whole, or none.
$now = [DateTime]::UtcNow.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", $culture)
$sections = @('"login.probe":' + (Format-Section (New-Section 'skipped' $null 'not asked: --probe-sign-in' '') $now))
$sections += '"graph.operator":' + (Format-Section $operator $now)
$isRead = $false
foreach ($name in @($reads | ForEach-Object { $_.section } | Select-Object -Unique)) {
    $section = Get-Section $name
    if ($section.Outcome -eq 'ok' -and -not $name.StartsWith('login.', $ordinal)) { $isRead = $true }
    $sections += (Format-Text $name) + ':' + (Format-Section $section $now)
}
$tenantText = 'null'
if ($tenantId) { $tenantText = Format-Text $tenantId }
$document = '{"schema":' + (Format-Text $list.schema) + ',"captured_at":' + (Format-Text $now) +
    ',"tool":{"name":' + (Format-Text $list.tool.name) + ',"version":' + (Format-Text $list.tool.version) + '},"redacted":false,' +
    '"subject":{"account":' + (Format-Text $Account) + ',"environment":' + (Format-Text $origins.dataverse) +
    ',"tenant_id":' + $tenantText + ',"cloud":' + (Format-Text $list.cloud) + '},' + "`n" + '"sections":{' + "`n" +
    ($sections -join (',' + "`n")) + "`n" + '}}' + "`n"
if (-not (Test-WholeJson $document)) { Stop-Run 3 'what was read could not be put together to a snapshot; nothing was written' }
$encoding = New-Object System.Text.UTF8Encoding -ArgumentList $false
$partial = $target + '.part'
try {
    [System.IO.File]::WriteAllText($partial, $document, $encoding)
    if ([System.IO.File]::Exists($target)) { [System.IO.File]::Delete($target) }
    [System.IO.File]::Move($partial, $target)
} catch {
    $why = $_.Exception.GetBaseException().Message
    try { [System.IO.File]::Delete($partial) } catch { $partial = '' }
    $copy = [System.IO.Path]::GetTempFileName()
    [System.IO.File]::WriteAllText($copy, $document, $encoding)
    Stop-Run 3 "$target could not be written ($why); the snapshot lies at $copy"
}
if (-not $isRead) { Stop-Run 3 "nothing could be read; $target says why" }
Write-Host "wrote $target"
Write-Host "It holds names. Before it leaves: work365-doctor capture --from $Output"
exit 0
