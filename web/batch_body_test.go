package web

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"tegata/registry/registrytest"
	"tegata/verify"
	"tegata/verify/bundle"
)

// taken takes an array apart: its elements, with ! for one that is too long, and
// the error that ended it.
func taken(text string) (found []string, end error) {
	e := &elements{r: bufio.NewReader(strings.NewReader(text))}
	for {
		switch element, err := e.next(); {
		case errors.Is(err, bufio.ErrBufferFull):
			found = append(found, "!")
		case err != nil:
			return found, err
		default:
			found = append(found, string(element))
		}
	}
}

func TestElements(t *testing.T) {
	fits, long := strings.Repeat("x", itemMost), strings.Repeat("x", itemMost+1)
	for _, test := range []struct {
		text string
		want []string
		end  error
	}{
		{"[]", nil, io.EOF},
		{" [ \n] \r\n", nil, io.EOF},
		{"[1]", []string{"1"}, io.EOF},
		{"[ {} ,\t[1,2] ]", []string{"{}", "[1,2]"}, io.EOF},
		{`["a,]\"}",{"b":"\\"},3]`, []string{`"a,]\"}"`, `{"b":"\\"}`, "3"}, io.EOF},
		{"[,]", []string{"", ""}, io.EOF},
		{"[{},]", []string{"{}", ""}, io.EOF},
		{"[{} x}, {}]", []string{"{} x}", "{}"}, io.EOF}, // closed too often
		{"[" + fits + "," + long + ",1]", []string{fits, "!", "1"}, io.EOF},
		{`["` + long + `,",1]`, []string{"!", "1"}, io.EOF},
		{"", nil, errArray},
		{"  ", nil, errArray},
		{"{}", nil, errArray},
		{"[1] 2", []string{"1"}, errArray},
		{"[1]]", []string{"1"}, errArray},
		{"[", nil, io.ErrUnexpectedEOF},
		{"[1,", []string{"1"}, io.ErrUnexpectedEOF},
		{`["a]`, nil, io.ErrUnexpectedEOF},
		{"[{]", nil, io.ErrUnexpectedEOF},
	} {
		found, end := taken(test.text)
		if !slices.Equal(found, test.want) || !errors.Is(end, test.end) {
			t.Errorf("%.40s: got %.80q and %v, want %.80q and %v", test.text, found, end, test.want, test.end)
		}
	}
}

// FuzzElements: every array that is JSON is taken apart as a reader of JSON does.
func FuzzElements(f *testing.F) {
	for _, text := range []string{`[]`, `[1]`, ` [ {"a":[1,"]"]} , "\\\"," ] `, `[,]`, `{}`, `[`} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		found, end := taken(text)
		if end == nil {
			t.Fatal("it ended with nothing")
		}
		var want []json.RawMessage
		if json.Unmarshal([]byte(text), &want) != nil || want == nil || slices.Contains(found, "!") {
			return
		}
		same := func(a string, b json.RawMessage) bool { return a == string(bytes.TrimSpace(b)) }
		if !slices.EqualFunc(found, want, same) || !errors.Is(end, io.EOF) {
			t.Errorf("got %q and %v, want %q", found, end, want)
		}
	})
}

// TestFactsAt: facts taken back to a head answer as they did when it was the
// head, whatever was entered since.
func TestFactsAt(t *testing.T) {
	k := registrytest.New(t)
	k.Begin(t)
	h := registrytest.NewHistory(k, 3)
	codes := append(h.Labels(), h.Declarations()...)
	type moment struct {
		log     verify.Log
		answers []verify.Verdict
	}
	var moments []moment
	ask := func(facts func(verify.Facts) verify.Facts) (all []verify.Verdict) {
		for _, code := range codes {
			f, err := k.Registry.Lookup(t.Context(), code)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, verify.Judge(facts(f), verify.Question{}))
		}
		return all
	}
	for range 120 {
		token := h.Next(t)
		moments = append(moments, moment{k.Registry.Head(), ask(func(f verify.Facts) verify.Facts { return f })})
		k.Registry.Append(t.Context(), token) // some may not be entered
	}
	sizes := map[int64]bool{}
	for _, m := range moments {
		sizes[m.log.Size] = true
		again := ask(func(f verify.Facts) verify.Facts { return factsAt(f, m.log) })
		for i := range again {
			got, _ := json.Marshal(again[i])
			want, _ := json.Marshal(m.answers[i])
			if !bytes.Equal(got, want) {
				t.Fatalf("%s at %d: got\n%s\nwant\n%s", codes[i], m.log.Size, got, want)
			}
		}
	}
	if len(sizes) < 40 {
		t.Errorf("got %d heads, want 40 at least", len(sizes))
	}
}

// TestBatchLimits: after as many items as there may be, or as many bytes, the
// answer ends, and says why; a blank row is no item.
func TestBatchLimits(t *testing.T) {
	full := &batch{report: bundle.Report{Items: itemsMost}}
	for _, test := range []struct {
		b    *batch
		q    question
		err  error
		want problemCode
	}{
		{&batch{report: bundle.Report{Items: itemsMost - 1}}, question{}, nil, ""},
		{full, question{}, nil, problemItems},
		{full, question{blank: true}, nil, ""},
		{&batch{}, question{}, &http.MaxBytesError{Limit: batchMost}, problemTooLarge},
		{&batch{}, question{}, io.ErrUnexpectedEOF, problemUnread},
		{&batch{}, question{}, errArray, problemQuestion},
	} {
		p := test.b.over(test.q, test.err)
		if test.want == "" && p != nil || test.want != "" && (p == nil || p.code != test.want) {
			t.Errorf("%d items, %v: got %v, want %q", test.b.report.Items, test.err, p, test.want)
		}
	}
}

// TestReportsKept: the latest are kept, as many as there may be.
func TestReportsKept(t *testing.T) {
	var k reports
	for i := range reportsMost + 10 {
		k.keep(fmt.Sprint(i), "first")
		k.keep(fmt.Sprint(i), fmt.Sprint("report ", i))
	}
	for i, want := range map[int]bool{0: false, 9: false, 10: true, reportsMost + 9: true} {
		token, ok := k.of(fmt.Sprint(i))
		if ok != want || ok && token != fmt.Sprint("report ", i) {
			t.Errorf("%d: got %q, %t; want %t", i, token, ok, want)
		}
	}
	if len(k.kept) != reportsMost || len(k.order) != reportsMost {
		t.Errorf("got %d and %d, want %d", len(k.kept), len(k.order), reportsMost)
	}
}
