package web_test

import (
	"bytes"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// form PATH [NAME=VALUE | NAME=@FILE]… [HEADER: VALUE]…: sends a form as a browser
// does; a value of a file is the file, without its final newline.
func form(ts *testscript.TestScript, neg bool, args []string) {
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	var headers []string
	for _, arg := range args[1:] {
		name, value, isField := strings.Cut(arg, "=")
		switch file, isFile := strings.CutPrefix(value, "@"); {
		case !isField:
			headers = append(headers, arg)
		case isFile:
			part, err := w.CreateFormFile(name, file)
			ts.Check(err)
			_, err = io.WriteString(part, strings.TrimSuffix(ts.ReadFile(file), "\n"))
			ts.Check(err)
		default:
			ts.Check(w.WriteField(name, value))
		}
	}
	ts.Check(w.Close())
	r := httptest.NewRequest(http.MethodPost, args[0], &body)
	r.Header.Set("Content-Type", w.FormDataContentType())
	answer(ts, neg, r, headers)
}

// led [ENDING] [HEADER: VALUE]…: gets the address that the last answer leads to,
// with the ending behind its path.
func led(ts *testscript.TestScript, neg bool, args []string) {
	_, address, found := strings.Cut(ts.ReadFile("stdout"), "\nLocation: ")
	if !found {
		ts.Fatalf("the last answer leads nowhere")
	}
	address, _, _ = strings.Cut(address, "\n")
	if len(args) > 0 {
		path, query, _ := strings.Cut(address, "?")
		address, args = path+args[0]+"?"+query, args[1:]
	}
	get(ts, neg, append([]string{strings.TrimSuffix(address, "?")}, args...))
}
