"""The way that notifications take, from MTurk to the intake: queues, topic, policies, settings."""

from deployments.provision.path import Changes, Names, NotificationPath, provision_path

__all__ = ["Changes", "Names", "NotificationPath", "provision_path"]
