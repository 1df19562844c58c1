"""The server's parameters by the product's names, as an installation writes them. Pure.

Source: facts "engine" section 16.2 (names), facts "install" section 1.
"""

from __future__ import annotations

from collections.abc import Mapping
from email.utils import format_datetime

from engine.rules import standard
from engine.rules.standard.options import ALWAYS_PROVISION, MAIL, OBJECT_SID, SAM_ACCOUNT_NAME
from engine.run.delete_threshold import ENABLED_SETTING, VALUE_SETTING
from engine.setup.answers import Feature, Identification, SetupAnswers
from engine.setup.features.attribute_choice import attribute_settings
from engine.setup.features.write_back_settings import chosen_settings
from engine.setup.plan import InstallPlan
from engine.setup.predecessor.dirsync_settings import automatic_upgrade
from engine.timespan import timespan_text

JOIN_CRITERIA: Mapping[Identification, str] = {
    Identification.ONCE: ALWAYS_PROVISION,
    Identification.MAIL: MAIL,
    Identification.OBJECT_SID: OBJECT_SID,
    Identification.SAM_ACCOUNT_NAME_AND_MAIL_NICKNAME: SAM_ACCOUNT_NAME,
}
ANCHOR_SETTING = "Microsoft.SynchronizationOption.AnchorAttribute"
STAGING_SETTING = "Microsoft.Synchronize.StagingMode"
VERSION_SETTING = "Microsoft.Synchronize.ServerConfigurationVersion"


def join_criteria(answers: SetupAnswers) -> str:
    """The stored name of how users are identified; a specific attribute is stored by its own name."""
    if answers.identification is Identification.ATTRIBUTE:
        name = str(answers.identification_attribute)
        return standard.matching_attribute(name) or name
    return JOIN_CRITERIA[answers.identification]


def global_settings(plan: InstallPlan) -> dict[str, str]:
    """The server's parameters by the product's names."""
    answers, scheduler = plan.answers, plan.scheduler
    specific = answers.identification is Identification.ATTRIBUTE
    filtered = any(directory.group_dn for directory in plan.directories)
    express = str(answers.mode) == "express"
    state, reason = automatic_upgrade(answers) or ("Enabled" if express else "Disabled", "")
    return {
        **attribute_settings(plan),
        "Microsoft.OptionalFeature.AutoUpgradeState": state,
        **({"Microsoft.OptionalFeature.AutoUpgradeSuspensionReason": reason} if reason else {}),
        "Microsoft.OptionalFeature.DeviceWriteBack": "False",
        "Microsoft.OptionalFeature.DeviceWriteUp": "True",
        ENABLED_SETTING: str(plan.deletion_threshold.enabled),
        VALUE_SETTING: str(plan.deletion_threshold.threshold),
        "Microsoft.OptionalFeature.GroupFiltering": str(filtered),
        **chosen_settings(answers),
        "Microsoft.OptionalFeature.HybridExchange": str(Feature.EXCHANGE_HYBRID in answers.features),
        "Microsoft.OptionalFeature.PasswordHashSync": str(answers.password_hash_sync),
        "Microsoft.OptionalFeature.PasswordWriteback": str(Feature.PASSWORD_WRITEBACK in answers.features),
        "Microsoft.OptionalFeature.UserWriteBack": "False",
        ANCHOR_SETTING: plan.anchor,
        "Microsoft.SynchronizationOption.CustomAttribute": str(answers.identification_attribute) if specific else "",
        "Microsoft.SynchronizationOption.JoinCriteria": join_criteria(answers),
        "Microsoft.SynchronizationOption.UPNAttribute": answers.upn_attribute,
        "Microsoft.Synchronize.MaintenanceEnabled": str(scheduler.maintenance_enabled),
        "Microsoft.Synchronize.NextStartTime": format_datetime(plan.now, usegmt=True),
        "Microsoft.Synchronize.RunHistoryPurgeInterval": timespan_text(scheduler.purge_run_history_interval),
        "Microsoft.Synchronize.SchedulerSuspended": "False",
        VERSION_SETTING: plan.product_version,
        STAGING_SETTING: str(answers.staging),
        "Microsoft.Synchronize.SynchronizationPolicy": str(scheduler.next_sync_cycle_policy_type),
        "Microsoft.Synchronize.SynchronizationSchedule": str(scheduler.sync_cycle_enabled),
        "Microsoft.Synchronize.TimeInterval": timespan_text(scheduler.effective_interval),
        "Microsoft.Version.SynchronizationRuleImmutableTag": "V1",
    }
