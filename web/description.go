package web

import "net/http"

// description answers with what the interface is, in OpenAPI: the same as long as
// the server runs.
func (s *site) description(*http.Request) (exhibit, rest, error) {
	return exhibit{file{mediaJSON, s.described.JSON, cacheShort}, http.StatusOK, "openapi.json"}, rest{kept: true}, nil
}

// docs shows the same to people.
func (s *site) docs(*http.Request) (view, error) {
	return view{status: http.StatusOK, on: s.still(), tag: tagOf(s.described.JSON), page: func(b basePage) (string, any) {
		return pageDocs, newDocsPage(b, s.described)
	}}, nil
}
