// The catalog: every email the product sends, in our words. To add one, add an entry here, and to the vocabulary what it
// says that no other email says.

package mail

type entry struct {
	name, title, about string
	audience           Audience
	placeholders       string   // separated by spaces; those required needn't be repeated
	required           []string // what the body can't do without
	subject, body      string
}

func catalog() []entry {
	return []entry{
		{
			name: "invitation", title: "Invitation",
			about:        "Sent to a contact who is given access to the portal.",
			placeholders: "contact_name customer_name organization_name expires_on message", required: []string{"accept_link"},
			subject: "{{organization_name}} invites you to its customer portal",
			body: `
Hello {{contact_name}},

{{organization_name}} shares its estimates and invoices for {{customer_name}} in a customer portal. There you can read, approve and pay them, and ask about anything that is unclear.

{{message}}

[Accept the invitation]({{accept_link}})

You will choose a password, and then you are in. The invitation is for you only and can be used until {{expires_on}}.`,
		},
		{
			name: "invitation_reminder", title: "Invitation reminder",
			about:        "Sent when an invitation has not been accepted for some days.",
			placeholders: "contact_name customer_name organization_name expires_on", required: []string{"accept_link"},
			subject: "Your invitation from {{organization_name}} is still open",
			body: `
Hello {{contact_name}},

A few days ago {{organization_name}} invited you to its customer portal for {{customer_name}}. The invitation can still be used until {{expires_on}}.

[Accept the invitation]({{accept_link}})

If you don't need access, you can ignore this email.`,
		},
		{
			name: "password_reset", title: "New password",
			about:        "Sent when someone asks for a new password on the sign-in page.",
			placeholders: "contact_name organization_name expires_on", required: []string{"reset_link"},
			subject: "Choose a new password for {{organization_name}}",
			body: `
Hello {{contact_name}},

Someone, most likely you, asked for a new password for the customer portal of {{organization_name}}.

[Choose a new password]({{reset_link}})

The link works once, until {{expires_on}}. If you didn't ask for it, you can ignore this email: your password stays as it is.`,
		},
		{
			name: "password_changed", title: "Password changed",
			about:        "Sent to a contact whose password was changed.",
			placeholders: "contact_name organization_name changed_on", required: []string{"forgot_link"},
			subject: "Your password for {{organization_name}} was changed",
			body: `
Hello {{contact_name}},

Your password for the customer portal of {{organization_name}} was changed on {{changed_on}}, and you were signed out everywhere else.

If it was you, there is nothing to do. If it wasn't, choose a new password at once, and tell us.

[Choose a new password]({{forgot_link}})`,
		},
		{
			name: "mfa_reset", title: "Authenticator reset",
			about:        "Sent to a contact whose authenticator was reset by staff.",
			placeholders: "contact_name organization_name changed_on", required: []string{"portal_link"},
			subject: "Your authenticator for {{organization_name}} was reset",
			body: `
Hello {{contact_name}},

On {{changed_on}} we reset the authenticator that you sign in to the customer portal of {{organization_name}} with, and signed you out everywhere. Its codes and your backup codes don't work any more. If a second step is asked for when you sign in, you set it up anew.

[Sign in]({{portal_link}})

If you didn't ask for this, please tell us: answer this email.`,
		},
		{
			name: "staff_invitation", title: "Invitation, for staff", audience: ForStaff,
			about:        "Sent to a colleague who is added to your staff.",
			placeholders: "staff_name organization_name invited_by expires_on", required: []string{"reset_link"},
			subject: "{{invited_by}} added you to the console of {{organization_name}}",
			body: `
Hello {{staff_name}},

{{invited_by}} added you to the console of {{organization_name}}, where customers, estimates, invoices and payments are looked after.

[Choose your password]({{reset_link}})

Then sign in with it and this email address. The link is for you only and works once, until {{expires_on}}. If you don't know what this is about, you can ignore this email.`,
		},
		{
			name: "staff_password_reset", title: "New password, for staff", audience: ForStaff,
			about:        "Sent when a member of staff asks for a new password.",
			placeholders: "staff_name organization_name expires_on", required: []string{"reset_link"},
			subject: "Choose a new password for the console of {{organization_name}}",
			body: `
Hello {{staff_name}},

Someone, most likely you, asked for a new password for the console of {{organization_name}}.

[Choose a new password]({{reset_link}})

The link works once, until {{expires_on}}. If you didn't ask for it, you can ignore this email: your password stays as it is.`,
		},
		{
			name: "staff_password_changed", title: "Password changed, for staff", audience: ForStaff,
			about:        "Sent to a member of staff whose password was changed.",
			placeholders: "staff_name organization_name changed_on", required: []string{"forgot_link"},
			subject: "Your password for the console of {{organization_name}} was changed",
			body: `
Hello {{staff_name}},

Your password for the console of {{organization_name}} was changed on {{changed_on}}, and you were signed out everywhere else.

If it was you, there is nothing to do. If it wasn't, choose a new password at once, and tell an administrator.

[Choose a new password]({{forgot_link}})`,
		},
		{
			name: "estimate_sent", title: "Estimate",
			about:        "Sent with a new estimate or a new version of one.",
			placeholders: "contact_name customer_name organization_name estimate_number total valid_until message", required: []string{"estimate_link"},
			subject: "Estimate {{estimate_number}} from {{organization_name}}",
			body: `
Hello {{contact_name}},

Here is our estimate for {{customer_name}}. You can accept it, decline it or ask about it online.

{{message}}

- Estimate: {{estimate_number}}
- Total: {{total}}
- Valid until: {{valid_until}}

[View the estimate]({{estimate_link}})`,
		},
		{
			name: "estimate_reminder", title: "Estimate reminder",
			about:        "Sent when an estimate still waits for a decision.",
			placeholders: "contact_name customer_name organization_name estimate_number total valid_until", required: []string{"estimate_link"},
			subject: "Estimate {{estimate_number}} is waiting for your decision",
			body: `
Hello {{contact_name}},

Our estimate for {{customer_name}} still waits for your decision. It can be accepted until {{valid_until}}.

- Estimate: {{estimate_number}}
- Total: {{total}}
- Valid until: {{valid_until}}

[View the estimate]({{estimate_link}})

Is something unclear, or not what you need? Write a comment on the estimate, and we will answer.`,
		},
		{
			name: "estimate_accepted", title: "Estimate accepted",
			about:        "Sent to the customer when an estimate was accepted.",
			placeholders: "contact_name customer_name organization_name estimate_number total accepted_by accepted_on", required: []string{"estimate_link"},
			subject: "Estimate {{estimate_number}} is accepted",
			body: `
Hello {{contact_name}},

Thank you. The estimate for {{customer_name}} is accepted, and we will take it from here.

- Estimate: {{estimate_number}}
- Total: {{total}}
- Accepted by: {{accepted_by}}
- Accepted on: {{accepted_on}}

[View the estimate]({{estimate_link}})

The page keeps a certificate of this decision for your records.`,
		},
		{
			name: "estimate_declined", title: "Estimate declined",
			about:        "Sent to the customer when an estimate was declined.",
			placeholders: "contact_name customer_name organization_name estimate_number total declined_by declined_on decline_reason", required: []string{"estimate_link"},
			subject: "Estimate {{estimate_number}} is declined",
			body: `
Hello {{contact_name}},

This confirms that the estimate for {{customer_name}} was declined. Nothing will be charged for it.

- Estimate: {{estimate_number}}
- Total: {{total}}
- Declined by: {{declined_by}}
- Declined on: {{declined_on}}
- Reason: {{decline_reason}}

[View the estimate]({{estimate_link}})

If a change would make it right for you, tell us in a comment on the estimate. We can send you a new version.`,
		},
		{
			name: "invoice_sent", title: "Invoice",
			about:        "Sent with a new invoice.",
			placeholders: "contact_name customer_name organization_name invoice_number total due_on", required: []string{"invoice_link"},
			subject: "Invoice {{invoice_number}} from {{organization_name}}",
			body: `
Hello {{contact_name}},

Here is our invoice for {{customer_name}}. You can pay it online or download it as a PDF.

- Invoice: {{invoice_number}}
- Total: {{total}}
- Due on: {{due_on}}

[View and pay the invoice]({{invoice_link}})`,
		},
		{
			name: "payment_receipt", title: "Payment receipt",
			about:        "Sent when a payment has arrived.",
			placeholders: "contact_name customer_name organization_name payment_number amount paid_on payment_method invoice_list", required: []string{"receipt_link"},
			subject: "Receipt for your payment of {{amount}}",
			body: `
Hello {{contact_name}},

Thank you. We have received your payment for {{customer_name}}.

- Payment: {{payment_number}}
- Amount: {{amount}}
- Paid on: {{paid_on}}
- Paid with: {{payment_method}}

It was used for:

- {{invoice_list}}

[View the receipt]({{receipt_link}})`,
		},
		{
			name: "payment_refunded", title: "Payment refunded",
			about:        "Sent when a payment, or a part of it, was given back.",
			placeholders: "contact_name customer_name organization_name payment_number amount payment_method refund_reason refunded_on", required: []string{"payment_link"},
			subject: "{{organization_name}} refunded {{amount}}",
			body: `
Hello {{contact_name}},

{{organization_name}} has given you money back. Banks can take some days to show it.

- Amount: {{amount}}
- Of payment: {{payment_number}}
- Paid with: {{payment_method}}
- Refunded on: {{refunded_on}}
- Reason: {{refund_reason}}

[View the payment]({{payment_link}})`,
		},
		{
			name: "payment_returned", title: "Payment returned by the bank",
			about:        "Sent when the bank takes a bank debit back after it had arrived.",
			placeholders: "contact_name customer_name organization_name payment_number amount payment_method return_reason returned_on", required: []string{"payment_link"},
			subject: "Your bank took your payment of {{amount}} back",
			body: `
Hello {{contact_name}},

Your bank has returned a payment that {{organization_name}} had already received, so the invoices that it had paid are open again.

- Amount: {{amount}}
- Payment: {{payment_number}}
- Paid with: {{payment_method}}
- Returned on: {{returned_on}}
- Reason: {{return_reason}}

Please pay them again, if you like in another way.

[See what is open]({{payment_link}})`,
		},
		{
			name: "payment_disputed", title: "Payment disputed",
			about:        "Sent when the customer's bank takes a card payment back because somebody disputed it.",
			placeholders: "contact_name customer_name organization_name payment_number amount payment_method return_reason returned_on", required: []string{"payment_link"},
			subject: "Your payment of {{amount}} was disputed",
			body: `
Hello {{contact_name}},

A payment to {{organization_name}} was disputed with the bank, which has taken the money back. The invoices that it had paid are open again.

- Amount: {{amount}}
- Payment: {{payment_number}}
- Paid with: {{payment_method}}
- Disputed on: {{returned_on}}
- Reason: {{return_reason}}

If nobody at {{customer_name}} did this, please tell us by answering this email.

[See what is open]({{payment_link}})`,
		},
		{
			name: "payment_failed", title: "Payment failed",
			about:        "Sent when a payment did not go through.",
			placeholders: "contact_name customer_name organization_name amount payment_method failure_reason next_try", required: []string{"payment_link"},
			subject: "Your payment of {{amount}} did not go through",
			body: `
Hello {{contact_name}},

Your payment to {{organization_name}} did not go through. Nothing was charged.

- Amount: {{amount}}
- Paid with: {{payment_method}}
- Reason: {{failure_reason}}
- Next try: {{next_try}}

[Pay another way]({{payment_link}})

On {{next_try}} the same way to pay is charged again, by itself. To stop that, cancel the payment on its page, or pay another way before.`,
		},
		{
			name: "payment_confirmation", title: "Payment to be confirmed",
			about:        "Sent when the customer's bank charges a saved card only after its owner has confirmed the payment.",
			placeholders: "contact_name customer_name organization_name amount payment_method", required: []string{"payment_link"},
			subject: "Please confirm your payment of {{amount}} with your bank",
			body: `
Hello {{contact_name}},

Your bank wants to hear from you before it charges this payment to {{organization_name}}. Nothing was charged yet.

- Amount: {{amount}}
- Paid with: {{payment_method}}

[Confirm with your bank]({{payment_link}})

It takes a minute. You can also pay another way on the same page.`,
		},
		{
			name: "payment_details_requested", title: "Payment details",
			about:        "Sent to a contact whom staff ask to save a card or bank account.",
			placeholders: "contact_name customer_name organization_name requested_by message", required: []string{"payment_details_link"},
			subject: "{{organization_name}} asks for payment details",
			body: `
Hello {{contact_name}},

{{requested_by}} of {{organization_name}} asks you to save a way to pay for {{customer_name}}. Nothing is charged now.

{{message}}

[Save payment details]({{payment_details_link}})

You sign in first, and then enter the details on the payment processor's own page: we never see them. You can change or remove them any time.`,
		},
		{
			name: "payment_canceled", title: "Payment canceled",
			about:        "Sent when a payment that was under way has been given up.",
			placeholders: "contact_name customer_name organization_name amount payment_method failure_reason", required: []string{"payment_link"},
			subject: "Your payment of {{amount}} was canceled",
			body: `
Hello {{contact_name}},

Your payment to {{organization_name}} was canceled, and it will not be tried again. The invoices are open as before.

- Amount: {{amount}}
- Paid with: {{payment_method}}
- Reason: {{failure_reason}}

[See what is open]({{payment_link}})`,
		},
		{
			name: "autopay_started", title: "Autopay turned on",
			about:        "Sent to the contact who turned autopay on, with what they agreed to.",
			placeholders: "contact_name customer_name organization_name payment_method autopay_terms", required: []string{"autopay_link"},
			subject: "Autopay is on for {{customer_name}}",
			body: `
Hello {{contact_name}},

Invoices of {{organization_name}} are now paid by themselves when they are due.

- Charged: {{payment_method}}

This is what you agreed to:

{{autopay_terms}}

[See what comes next]({{autopay_link}})`,
		},
		{
			name: "autopay_notice", title: "Autopay notice",
			about:        "Sent to the contact who turned autopay on before an invoice is charged.",
			placeholders: "contact_name customer_name organization_name payment_method card_warning credit_note invoice_link", required: []string{"autopay_link", "invoice_number", "amount", "charge_on"},
			subject: "{{amount}} for invoice {{invoice_number}} is charged on {{charge_on}}",
			body: `
Hello {{contact_name}},

As you agreed, autopay pays what is owed to {{organization_name}} on this invoice.

- Invoice: {{invoice_number}}
- Amount: {{amount}}
- When: {{charge_on}}
- Charged: {{payment_method}}

{{card_warning}}

{{credit_note}}

You don't have to do anything. To pay it yourself, pay another way, or turn autopay off:

[Change or cancel this charge]({{autopay_link}})

[View the invoice]({{invoice_link}})`,
		},
		{
			name: "autopay_skipped", title: "Autopay did not charge",
			about:        "Sent to the contact who turned autopay on when a charge is not made.",
			placeholders: "contact_name customer_name organization_name invoice_number reason invoice_link", required: []string{"autopay_link"},
			subject: "Autopay did not charge invoice {{invoice_number}}",
			body: `
Hello {{contact_name}},

Autopay was to pay this invoice of {{organization_name}}, and charges nothing.

- Invoice: {{invoice_number}}
- Reason: {{reason}}

If it is still owed, please pay it by hand: autopay does not try it again.

[View the invoice]({{invoice_link}})

[See autopay]({{autopay_link}})`,
		},
		{
			name: "autopay_ended", title: "Autopay turned off",
			about:        "Sent to the contact who turned autopay on when it ends, whoever ended it.",
			placeholders: "contact_name customer_name organization_name ended_by reason", required: []string{"autopay_link"},
			subject: "Autopay is off for {{customer_name}}",
			body: `
Hello {{contact_name}},

Invoices of {{organization_name}} are not paid by themselves any more. Please pay those that come due by hand.

- Turned off by: {{ended_by}}
- Reason: {{reason}}

Payments that were begun already go on.

[See autopay]({{autopay_link}})`,
		},
		{
			name: "document_forwarded", title: "Forwarded document",
			about:        "Sent to the person a document is forwarded to, with the document attached.",
			placeholders: "organization_name customer_name forwarded_by document document_link message", required: []string{"document"},
			subject: "{{forwarded_by}} forwards {{document}} from {{organization_name}}",
			body: `
Hello,

{{forwarded_by}} forwards you {{document}} from {{organization_name}} for {{customer_name}}. It is attached as a PDF.

{{message}}

If you can sign in to the customer portal of {{organization_name}}, you find it there too: [open the portal]({{document_link}})`,
		},
		{
			name: "comment_added", title: "New comment",
			about:        "Sent to the customer's contacts when staff comment on a document, several comments gathered into one email.",
			placeholders: "contact_name customer_name organization_name commented_by document comment comment_list", required: []string{"document_link"},
			subject: "{{commented_by}} commented on {{document}}",
			body: `
Hello {{contact_name}},

{{commented_by}} of {{organization_name}} commented on {{document}}:

{{comment}}

- {{comment_list}}

[Read and answer]({{document_link}})`,
		},
		{
			name: "timesheet_submitted", title: "Timesheet",
			about:        "Sent when time entries wait for a contact's approval.",
			placeholders: "contact_name customer_name organization_name project_name hours period message", required: []string{"timesheet_link"},
			subject: "Please approve {{hours}} for {{project_name}}",
			body: `
Hello {{contact_name}},

The hours below wait for your approval. You can approve them all at once, or entry by entry.

{{message}}

- Project: {{project_name}}
- Period: {{period}}
- Time: {{hours}}

[Review the timesheet]({{timesheet_link}})`,
		},
		{
			name: "timesheet_reminder", title: "Timesheet reminder",
			about:        "Sent when a timesheet still waits for approval.",
			placeholders: "contact_name customer_name organization_name project_name hours period", required: []string{"timesheet_link"},
			subject: "A timesheet for {{project_name}} is waiting for you",
			body: `
Hello {{contact_name}},

These hours still wait for your approval.

- Project: {{project_name}}
- Period: {{period}}
- Time: {{hours}}

[Review the timesheet]({{timesheet_link}})`,
		},
		{
			name: "timesheet_decided", title: "Timesheet decided",
			about:        "Sent to the customer when a timesheet was approved or rejected, wholly or in part.",
			placeholders: "contact_name customer_name organization_name timesheet_number project_name period decided_by decided_on outcome approved_hours rejected_hours reason", required: []string{"timesheet_link"},
			subject: "Timesheet {{timesheet_number}} is {{outcome}}",
			body: `
Hello {{contact_name}},

Thank you. This is what was decided about the hours for {{project_name}}.

- Timesheet: {{timesheet_number}}
- Period: {{period}}
- Decision: {{outcome}}
- Decided by: {{decided_by}}
- Decided on: {{decided_on}}
- Approved: {{approved_hours}}
- Rejected: {{rejected_hours}}
- Reason: {{reason}}

[View the timesheet]({{timesheet_link}})

The page keeps a certificate of this decision for your records.`,
		},
		{
			name: "timesheet_recalled", title: "Timesheet recalled",
			about:        "Sent to whoever was asked to approve a timesheet that staff took back.",
			placeholders: "contact_name customer_name organization_name timesheet_number project_name period hours recalled_by reason", required: []string{"timesheet_link"},
			subject: "Timesheet {{timesheet_number}} was taken back",
			body: `
Hello {{contact_name}},

{{organization_name}} has taken back the hours that waited for your approval. You need not decide on them; you may be asked again later.

- Timesheet: {{timesheet_number}}
- Project: {{project_name}}
- Period: {{period}}
- Time: {{hours}}
- Taken back by: {{recalled_by}}
- Reason: {{reason}}

[View the timesheet]({{timesheet_link}})`,
		},
		{
			name: "staff_activity", title: "Portal activity", audience: ForStaff,
			about:        "Sent to staff when contacts have done something, gathered into one email.",
			placeholders: "staff_name organization_name activity_count", required: []string{"activity_list", "console_link"},
			subject: "{{activity_count}} in your customer portal",
			body: `
Hello {{staff_name}},

This happened in the customer portal of {{organization_name}}:

- {{activity_list}}

[Open the console]({{console_link}})`,
		},
		{
			name: "contact_message", title: "Message from a contact", audience: ForStaff,
			about:        "Sent to your organization's address when a contact writes from the portal.",
			placeholders: "organization_name contact_name contact_email customer_name", required: []string{"message", "message_subject"},
			subject: "Message from {{contact_name}}: {{message_subject}}",
			body: `
{{contact_name}} of {{customer_name}} wrote to you from the customer portal. Answer this email to write back.

- From: {{contact_name}}, {{contact_email}}
- Subject: {{message_subject}}

{{message}}`,
		},
	}
}
