"""Drives `work365-doctor mcp` with the official client, and compares every answer with the command line's."""

import asyncio
import json
import subprocess
import sys
from pathlib import Path

from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client
from mcp.types import PaginatedRequestParams

BINARY = sys.argv[1]
DEMO = Path("fixtures/demos/mfa-by-conditional-access.json")
ERROR = "AADSTS50126: Error validating credentials due to invalid username or password."


def command_line(*arguments):
    done = subprocess.run([BINARY, "--no-config", *arguments, "-o", "json"], capture_output=True, check=False)
    return json.loads(done.stdout)


def step(text):
    print(f"  ok  {text}")


async def main():
    told = []

    async def progress(done, total, message):
        told.append((done, total, message))

    server = StdioServerParameters(command=BINARY, args=["mcp", "--allow", "fixtures"])
    async with stdio_client(server) as (read, write), ClientSession(read, write) as client:
        hello = await client.initialize()
        assert hello.server_info.name == "work365-doctor", hello
        assert "untrusted" in hello.instructions, hello
        step(f"initialize: protocol {hello.protocol_version}, {hello.server_info.name} {hello.server_info.version}")

        tools = (await client.list_tools()).tools
        assert [tool.name for tool in tools] == ["decode", "check", "ask", "explain"], tools
        assert all(tool.output_schema["type"] == "object" for tool in tools)
        step("tools/list: " + ", ".join(tool.name for tool in tools))

        # The client itself checks each structured answer against the tool's schema.
        for tool, arguments, command in [
            ("decode", {"text": ERROR}, ["decode", ERROR]),
            ("check", {"snapshot": str(DEMO)}, ["check", "--snapshot", str(DEMO)]),
            ("check", {"snapshot_json": json.loads(DEMO.read_text()), "error": ERROR}, ["check", "--snapshot", str(DEMO), "--error", ERROR]),
            ("ask", {"symptom": "reset-fails"}, ["ask", "--symptom", "reset-fails"]),
            ("explain", {"id": "mfa-per-user"}, ["explain", "mfa-per-user"]),
            ("explain", {"id": "50076"}, ["explain", "50076"]),
        ]:
            result = await client.call_tool(tool, arguments, progress_callback=progress)
            assert not result.is_error, result
            assert result.structured_content == command_line(*command), command
            assert json.loads(result.content[0].text) == result.structured_content
            step(f"tools/call {tool}: the document of `{' '.join(command)[:60]}`")
        assert (3, 3, "every rule is judged") in told, told
        step(f"progress: {len(told)} notifications")

        for tool, arguments in [
            ("check", {"snapshot": "/etc/passwd"}),
            ("check", {"snapshot": "no-such-file.json"}),
            ("explain", {"id": "no-such-rule"}),
            ("decode", {"text": 7}),
        ]:
            result = await client.call_tool(tool, arguments)
            assert result.is_error and result.structured_content is None, result
            step(f"tools/call {tool} {json.dumps(arguments)}: error result")

        uris, cursor = [], None
        while True:
            page = await client.list_resources(params=PaginatedRequestParams(cursor=cursor) if cursor else None)
            uris += [str(resource.uri) for resource in page.resources]
            cursor = page.next_cursor
            if not cursor:
                break
        assert len(uris) == len(set(uris)) and len(uris) > 500
        step(f"resources/list: {len(uris)}")
        for uri, command in [
            ("work365-doctor://rules/mfa-per-user", ["explain", "mfa-per-user"]),
            ("work365-doctor://codes/AADSTS50076", ["explain", "AADSTS50076"]),
        ]:
            contents = (await client.read_resource(uri)).contents[0]
            assert json.loads(contents.text) == command_line(*command), uri
            step(f"resources/read {uri}")
        assert len((await client.list_resource_templates()).resource_templates) == 2
        step("resources/templates/list: 2")


asyncio.run(main())
