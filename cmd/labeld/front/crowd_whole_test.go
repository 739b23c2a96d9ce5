//go:build !race

package front

// crowdIdle is how many of a crowd were answered once, or never asked.
const crowdIdle = 10_000
