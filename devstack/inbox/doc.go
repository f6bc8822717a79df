// Package inbox stands in for Resend on a developer's machine and in tests. It speaks the part of Resend's HTTP API that
// the product uses, keeps every email instead of delivering it, tells of each by signed webhooks, shows them on a page,
// and can be told to fail. Nothing leaves the machine.
package inbox
