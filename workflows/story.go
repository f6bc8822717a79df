package workflows

import (
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"countersign/activities"
	"countersign/portal"
)

// refuse turns a refusal into the failure that callers of an Update read.
func refuse(err *portal.Error) error {
	return temporal.NewNonRetryableApplicationError(err.Message, activities.TypeRefused, err, err)
}

// tag sets the status by which operators find the flow, if it is a new one.
func tag(ctx workflow.Context, status string) {
	if now, ok := workflow.GetTypedSearchAttributes(ctx).GetKeyword(AttributeStatus); ok && now == status {
		return
	}
	if err := workflow.UpsertTypedSearchAttributes(ctx, AttributeStatus.ValueSet(status)); err != nil {
		workflow.GetLogger(ctx).Warn("The flow's status could not be set for search.", "error", err)
	}
}
