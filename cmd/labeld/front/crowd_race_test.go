//go:build race

package front

// crowdIdle is fewer under the race detector, which ends where more than 8128
// goroutines run: each connection has one.
const crowdIdle = 5_000
