package temporal

import "go.temporal.io/api/enums/v1"

// SearchAttributes are those that the product's flows set. A namespace must
// know them before a flow that sets them can start.
func SearchAttributes() map[string]enums.IndexedValueType {
	return map[string]enums.IndexedValueType{
		"CountersignOrganization": enums.INDEXED_VALUE_TYPE_KEYWORD,
		"CountersignCustomer":     enums.INDEXED_VALUE_TYPE_KEYWORD,
		"CountersignDocument":     enums.INDEXED_VALUE_TYPE_KEYWORD,
		"CountersignStatus":       enums.INDEXED_VALUE_TYPE_KEYWORD,
	}
}
