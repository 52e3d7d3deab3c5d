"""Every rule, in the order reports print them. A test compares this list with the folder."""

from __future__ import annotations

from auditor.rule import Rule
from auditor.rules.api_reads_phi import api_reads_phi
from auditor.rules.attestation_lapsed import attestation_lapsed
from auditor.rules.can_grant_itself import can_grant_itself
from auditor.rules.clinical_on_marketing_object import clinical_on_marketing_object
from auditor.rules.conditional_question import conditional_question
from auditor.rules.credential_exceeds_need import credential_exceeds_need
from auditor.rules.deleted_but_recoverable import deleted_but_recoverable
from auditor.rules.derived_copy_wider import derived_copy_wider
from auditor.rules.dormant_holder import dormant_holder
from auditor.rules.email_shows_phi import email_shows_phi
from auditor.rules.evidence_gap import evidence_gap
from auditor.rules.exports_phi import exports_phi
from auditor.rules.external_reads_phi import external_reads_phi
from auditor.rules.form_feeds_list import form_feeds_list
from auditor.rules.free_text_open_to_marketing import free_text_open_to_marketing
from auditor.rules.guest_reads_phi import guest_reads_phi
from auditor.rules.health_word_in_name import health_word_in_name
from auditor.rules.labelled_field_open import labelled_field_open
from auditor.rules.list_targets_phi import list_targets_phi
from auditor.rules.marketing_edits_clinical import marketing_edits_clinical
from auditor.rules.marketing_reads_clinical import marketing_reads_clinical
from auditor.rules.override_right import override_right
from auditor.rules.phi_field_without_history import phi_field_without_history
from auditor.rules.phi_leaves_to_outside import phi_leaves_to_outside
from auditor.rules.phi_object_without_policy import phi_object_without_policy
from auditor.rules.policy_below_minimum import policy_below_minimum
from auditor.rules.quasi_identifier_set import quasi_identifier_set
from auditor.rules.question_without_consent import question_without_consent
from auditor.rules.record_past_retention import record_past_retention
from auditor.rules.tag_decision_lapsed import tag_decision_lapsed
from auditor.rules.tag_sources_disagree import tag_sources_disagree
from auditor.rules.text_message_carries_phi import text_message_carries_phi
from auditor.rules.unclassified_phi_field import unclassified_phi_field
from auditor.rules.unclassified_role import unclassified_role
from auditor.rules.unsecurable_phi_field import unsecurable_phi_field
from auditor.rules.waiver_lapsed import waiver_lapsed
from auditor.rules.workflow_carries_phi import workflow_carries_phi

RULES: tuple[Rule, ...] = (
    guest_reads_phi,
    external_reads_phi,
    marketing_reads_clinical,
    marketing_edits_clinical,
    exports_phi,
    api_reads_phi,
    derived_copy_wider,
    phi_leaves_to_outside,
    form_feeds_list,
    list_targets_phi,
    workflow_carries_phi,
    email_shows_phi,
    text_message_carries_phi,
    free_text_open_to_marketing,
    quasi_identifier_set,
    question_without_consent,
    conditional_question,
    health_word_in_name,
    can_grant_itself,
    override_right,
    unclassified_role,
    dormant_holder,
    unsecurable_phi_field,
    labelled_field_open,
    clinical_on_marketing_object,
    unclassified_phi_field,
    tag_sources_disagree,
    tag_decision_lapsed,
    phi_field_without_history,
    phi_object_without_policy,
    policy_below_minimum,
    record_past_retention,
    deleted_but_recoverable,
    attestation_lapsed,
    evidence_gap,
    credential_exceeds_need,
    waiver_lapsed,
)
