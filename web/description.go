package web

import "net/http"

// description answers with what the interface is, in OpenAPI.
func (s *site) description(*http.Request) (exhibit, error) {
	return exhibit{file{mediaJSON, s.described.JSON, cacheShort}, http.StatusOK, "openapi.json"}, nil
}
