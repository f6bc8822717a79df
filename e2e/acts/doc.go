// Package acts holds what people do in many journeys, and what is read to see
// what came of it.
package acts

// The two sides of the organization that most journeys are in.
const (
	Portal  = "/api/bright/portal"
	Console = "/api/bright/console"
)
