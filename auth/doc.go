// Package auth holds what proves who someone is: password hashes, one-use tokens, sealed secrets, authenticator codes
// and backup codes. It stores nothing and asks no clock: callers keep the rows, and pass in the time and the randomness.
package auth
