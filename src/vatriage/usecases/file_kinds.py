"""Kinds of report files, by the names that readers give them, and what an import may take from each."""

from vatriage.usecases.merge_page import Silence

DATED_KNOWLEDGE = "KNOWLEDGE_BASE_VULN_LIST_OUTPUT"
"""The copy of the KnowledgeBase that bears its date."""
KNOWLEDGE = (DATED_KNOWLEDGE, "VULNS")
"""Copies of the KnowledgeBase."""
HOST_LIST = "HOST_LIST_OUTPUT"
CUMULATIVE = "HOST_LIST_VM_DETECTION_OUTPUT"
"""Lists all that is known of hosts: a host of the host list that it leaves out has no finding."""
SILENCE = {CUMULATIVE: Silence.OF_ALL_SCANS, "SCAN": Silence.OF_ONE_SCAN}
"""Kinds whose silence may be vouched for, and of which scans it then speaks."""
LISTS = (HOST_LIST, *SILENCE)
"""Kinds that say which hosts were scanned when."""
HOLDS = dict.fromkeys(KNOWLEDGE, "KnowledgeBase entry") | dict.fromkeys(
    ("SCAN_LIST_OUTPUT", "SCAN_LIST", "SCAN_REPORT_LIST", "SCAN_RUNNING_LIST"), "scan"
)
"""What a kind is a list of, where that is not hosts."""
ANSWERS = ("SIMPLE_RETURN", "GENERIC_RETURN")
"""Kinds that say how a request went, and nothing of any host."""
