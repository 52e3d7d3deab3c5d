"""The program: one `try` around everything, so that no traceback ever meets a user."""

from __future__ import annotations

import os
import sys
import traceback

from auditor.errors import AuditorError


def main() -> None:
    """Run crm-audit and exit with its documented code."""
    try:
        from crm_audit.cli import app

        app()
    except AuditorError as error:
        _say(error.message, error.hint)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        _say("Interrupted. Nothing was written that is not complete.")
        sys.exit(130)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except Exception as error:  # noqa: BLE001 - the last wall: a defect is one line, and exit 1
        where = traceback.extract_tb(error.__traceback__)[-1]
        _say(
            f"crm-audit broke: {type(error).__name__} in {os.path.basename(where.filename)}:{where.lineno}.",  # noqa: PTH119
            "This is a defect. Set CRM_AUDIT_TRACEBACK=1 to see where, and report it without any values.",
        )
        if os.environ.get("CRM_AUDIT_TRACEBACK"):
            # Frames and lines only: a message could carry what an API answered.
            sys.stderr.write("".join(traceback.format_tb(error.__traceback__)))
        sys.exit(1)


def _say(message: str, hint: str = "") -> None:
    sys.stderr.write(f"error: {message}\n")
    if hint:
        sys.stderr.write(f"hint: {hint}\n")


if __name__ == "__main__":
    main()
