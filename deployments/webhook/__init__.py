"""SNS over HTTPS: an address that a topic posts to, for networks where no queue is wanted."""
