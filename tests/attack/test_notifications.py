"""22.9: what a file says reaches people as text: no link, no mention, no markup, wherever Prefect shows or sends it."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
import yaml
from markdown_it import MarkdownIt
from prefect.client.schemas.objects import State
from prefect.server.events.actions import SendNotification
from prefect.server.events.schemas.events import ReceivedEvent
from prefect.server.schemas.responses import FlowRunResponse
from prefect.server.schemas.states import State as ServerState
from prefect.server.schemas.states import StateType
from prefect.server.utilities.user_templates import render_user_template_sync
from prefect.settings import PREFECT_UI_URL, temporary_settings
from prefect.types._datetime import now

from flows.refusals import plain_refusals
from tasks.step import records
from tasks.step.records import record_event
from tests.helpers.drift_check import make_check, write
from twinflow.errors import DataError, Violation
from twinflow.monitoring.bad_delivery import bad_delivery, problems_of
from twinflow.report.drift.bad_delivery_page import bad_delivery_artifact
from twinflow.report.drift.page import drift_artifact
from twinflow.report.inbox_table import inbox_table
from twinflow.report.shared.wording import escaped
from twinflow.scoring.inbox import InboxFile
from twinflow.system.untrusted import harmless

NOTIFICATIONS = Path(__file__).parents[2] / "deployments" / "notifications.yaml"
HOSTILE = [
    "<https://evil.example|Log in again> <!channel>", "<!here> <@U012AB3CD> <#C012AB3CD>", "@everyone @here @channel",
    "[Log in](https://evil.example)", "![](https://evil.example/seen.png)", "[x]: https://evil.example", "[x]",
    "https://evil.example/login", "HTTP://EVIL.example", "ftp://evil.example", "www.evil.example", "WWW.evil.example",
    "admin@evil.example", "mailto:admin@evil.example", "<b onclick=x>", "<script>x</script>", "<https://evil.example>",
    "`x`[y](//evil.example)", "| x | [y](https://evil.example) |", "\\[x\\](https://evil.example)", "&lt;!channel&gt;",
]  # fmt: skip


def assert_harmless(text: str) -> None:
    """No mark-up of Slack, Discord, Teams, mail or markdown is in a text that is sent."""
    lower = text.lower()
    for mark in ("<", ">", "@", "](", "]:", "http://", "https://", "ftp://", "www."):
        assert mark not in lower


def hostile_error(text: str = " ".join(HOSTILE)) -> DataError:
    return DataError([Violation("new.csv", "400 columns", text, 1, text)])


@pytest.mark.parametrize("text", HOSTILE)
def test_22_9_a_text_that_is_sent_is_no_markup_and_reads_the_same(text: str) -> None:
    sent = harmless(text)
    assert_harmless(sent)
    assert len(sent) == len(text)
    assert sent.replace("⁄⁄", "//").translate(str.maketrans("‹›＠［］ˋ․", "<>@[]`.")) == text


def test_22_9_what_is_no_markup_is_sent_as_it_is() -> None:
    text = "s3://bucket/new.csv, row 3, column 'v0': expected a finite number, found 'nan' (99% of 1.5)"
    assert harmless(text) == text


def test_22_9_the_message_of_a_refused_run_is_harmless() -> None:
    @plain_refusals
    def refused() -> dict[str, Any]:
        raise hostile_error()

    state = refused()
    assert isinstance(state, State)
    assert_harmless(state.message or "")
    assert "evil.example" in (state.message or "")  # read, not taken out
    assert str(state.data) == str(hostile_error())  # what the command line says is as it was


def test_22_9_the_payload_of_an_event_is_harmless(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[dict[str, Any]] = []
    monkeypatch.setattr(records, "record", lambda _, **what: sent.append(what))
    text = " ".join(HOSTILE)
    record_event("twinflow.delivery.refused", text, {"reason": text, text: [text, {"deep": (text, 1, None)}]})
    assert_harmless(repr(sent))
    assert sent[0]["payload"]["reason"] == harmless(text)


def test_22_9_what_is_sent_has_nothing_of_a_file_in_it() -> None:
    text = " ".join(HOSTILE)
    SendNotification._register_filters_if_needed()
    context = {
        "flow": SimpleNamespace(name="monitor"),
        "flow_run": monitor_run(text),
        "event": ReceivedEvent(
            occurred=now(),
            received=now(),
            id=uuid4(),
            event="twinflow.drift.detected",
            resource={"prefect.resource.id": "twinflow.model", "prefect.resource.name": "20260101T000000Z-abcdef"},
            payload={"reason": text, "file": text},
        ),
    }
    sent = []
    with temporary_settings({PREFECT_UI_URL: "http://127.0.0.1:4200"}):
        for automation in yaml.safe_load(NOTIFICATIONS.read_text())["automations"]:
            (action,) = automation["actions"]
            sent.append([render_user_template_sync(action[part], context) for part in ("subject", "body")])
    run = context["flow_run"].id
    model = "It is about the model of 20260101T000000Z-abcdef; `twinflow runs` and the reports say more."
    assert sent == [
        ["twinflow: a run of monitor is Failed", f"Its page says why: http://127.0.0.1:4200/runs/flow-run/{run}"],
        ["twinflow.drift.detected", model],
    ]


def monitor_run(message: str) -> Any:
    state = ServerState(type=StateType.FAILED, name="Failed", message=message)
    return FlowRunResponse(id=uuid4(), flow_id=uuid4(), name=message, state=state)


def links(markdown: str) -> list[str]:
    """What a renderer of markdown, tables and HTML makes of a text beside text: links, images, HTML."""
    found: list[str] = []
    for token in MarkdownIt("commonmark", {"html": True}).enable("table").parse(markdown):
        for each in [token, *(token.children or [])]:
            own = each.type == "image" and str(each.attrs["src"]).startswith("data:image/png;base64,")
            if each.type in ("link_open", "image", "html_inline", "html_block", "code_inline") and not own:
                found.append(f"{each.type} {each.content} {each.attrs}")
    return found


@pytest.mark.parametrize("text", HOSTILE)
def test_22_9_artifacts_show_text_as_text(text: str, tmp_path: Path) -> None:
    usual = make_check()
    bad = {"time": usual["time"], "model": usual["model"]}
    bad |= bad_delivery({**usual["file"], "path": text}, problems_of(hostile_error(text)), [])
    files = [InboxFile(text, "failed", None, text)]
    shown = [escaped(text), bad_delivery_artifact(bad), inbox_table(Path(text), text, files)]
    check = make_check(name=text, missing=[3])
    check["quality"]["unexpected_columns"] = [text]
    shown.append(drift_artifact(write(check, tmp_path)))
    for each in shown:
        assert links(each) == []
        assert not [mark for mark in ("http://", "https://", "ftp://", "www.", "@") if mark in each.lower()]
