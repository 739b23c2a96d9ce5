package web

import (
	"net/http"

	"tegata/verify/bundle"
)

// handOvers answers with how the registry's former keys gave way to those in use.
// Each is signed by the old key and by the operator, so a trust file can follow
// them whoever they come from.
func (s *site) handOvers(*http.Request) (exhibit, error) {
	data := bundle.MarshalHandOvers(s.registry.HandOvers())
	return exhibit{file{mediaJSON, data, cacheShort}, http.StatusOK, "handovers.json"}, nil
}
