"""What a document says it was asked for (REQUEST/PARAM_LIST, with `echo_request=1`): whether that was the whole.

A list that was narrowed is silent about what was left out, whoever vouches for it (VERDICT 3.1). Where the request is
echoed, what it does not name has the API's default: without ignored and disabled findings, without what is fixed.
"""

from collections.abc import Mapping

_SHOWN = frozenset(
    {
        "action", "echo_request", "output_format", "truncation_limit", "show_igs",
        "show_results", "show_reopened_info", "show_cloud_tags", "show_asset_id", "show_tags", "show_qds",
        "show_qds_factors", "show_trurisk", "show_trurisk_factors", "host_metadata", "suppress_duplicated_data_from_csv",
        "cloud_tag_fields", "host_metadata_fields", "show_pci_reasons",
        "show_supported_modules_info", "show_disabled_flag", "show_qid_change_log", "details",
    }
)  # fmt: skip
"""Parameters that choose what is shown of a record, never which records."""
_WHOLE = {"status": {"new", "active", "re-opened", "fixed"}, "include_ignored": {"1"}, "include_disabled": {"1"}}
"""Parameters that must be there for a list of findings to be whole, and their values."""


def narrowed_by(root: str, parameters: Mapping[str, str]) -> str:
    """Return why a document is not the whole list, "" if its echo does not say so or there is none.

    Args:
        root: the document's root element.
        parameters: the echoed ones, names in lower case.
    """
    if not parameters or root not in ("HOST_LIST_VM_DETECTION_OUTPUT", "KNOWLEDGE_BASE_VULN_LIST_OUTPUT"):
        return ""
    wanted = _WHOLE if root == "HOST_LIST_VM_DETECTION_OUTPUT" else {}
    for name, values in wanted.items():
        said = {part.strip().lower() for part in parameters.get(name, "").split(",")}
        if not values <= said:
            return f"it was asked for with {name}={parameters.get(name, '(default)')}, which leaves findings out"
    for name, value in parameters.items():
        if name not in _SHOWN and name not in wanted and value:
            return f"it was asked for with {name}={value[:60]}, which may leave something out"
    return ""
