package verify

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A hearing is one case as it is heard: a diary, and what was asked of it.
type hearing struct {
	*diary
	file, title string
	changes     []string         // of the first statements, "path=value"
	named       map[string]Entry // "say … as NAME"
	head        time.Time        // zero: the later of what was said last and what is asked
	known       Known
	refused     Faults // of the last try, not yet accounted for
	asked       []*asked
}

// hear goes through a case: first what it changes in the start, then the start,
// then the rest.
func (h *hearing) hear(start, section string) {
	h.t.Helper()
	first, rest := commands(start), commands(section)
	for len(rest) > 0 && rest[0][0] == "change" {
		h.changes = append(h.changes, rest[0][1:]...)
		rest = rest[1:]
	}
	for _, words := range append(first, rest...) {
		h.do(words)
	}
	if len(h.changes) > 0 {
		h.fatal("changed, but not there: %v", h.changes)
	}
	if len(h.refused) > 0 {
		h.fatal("refused, not expected: %v", h.refused)
	}
}

func (h *hearing) fatal(format string, args ...any) {
	h.t.Helper()
	h.t.Fatalf("%s: %s: %s", h.file, h.title, fmt.Sprintf(format, args...))
}

// oneWord is what stands between spaces that are not in quotes.
var oneWord = regexp.MustCompile(`(?:"[^"]*"|[^\s"])+`)

// commands splits a section into its commands and those into words. A line that
// is indented goes on with the one before it; # begins a remark.
func commands(section string) (all [][]string) {
	for line := range strings.Lines(section) {
		var words []string
		for _, word := range oneWord.FindAllString(line, -1) {
			if strings.HasPrefix(word, "#") {
				break
			}
			words = append(words, word)
		}
		switch {
		case len(words) == 0:
		case line[0] == ' ':
			all[len(all)-1] = append(all[len(all)-1], words...)
		default:
			all = append(all, words)
		}
	}
	return all
}

// expectable are the words of an answer; see said.
var expectable = strings.Fields("status first last ends outcome since until next accord statute rule listed english " +
	"caveat flag measure seen page kept model accord-ends")

func (h *hearing) do(words []string) {
	h.t.Helper()
	if len(h.refused) > 0 && words[0] != "refused" {
		h.fatal("refused, not expected: %v", h.refused)
	}
	switch name, args := words[0], words[1:]; name {
	case "say":
		if faults := h.speak(args); len(faults) > 0 {
			h.fatal("%v: %v", words, faults)
		}
	case "try":
		if h.refused = h.speak(args); len(h.refused) == 0 {
			h.fatal("%v: not refused", words)
		}
	case "refused":
		field, want := strings.TrimPrefix(args[0], "-"), strings.Join(args[1:], " ")
		n := len(h.refused)
		h.refused = slices.DeleteFunc(h.refused, func(f Fault) bool {
			return f.Field == field && (string(f.Rule) == want || string(f.Rule)+" "+f.Detail == want)
		})
		if len(h.refused) != n-1 {
			h.fatal("%v: got %v", words, h.refused)
		}
	case "later":
		// Only an entry already logged can be of a kind that is not known.
		at, by := instant(h.t, args[0]), PartyID(args[1])
		head := Head{Kind: future, By: by, Made: at, Code: map[PartyID]Code{"ipa": aoba, "thames-iot": thames}[by]}
		h.append(Entry{int64(len(h.entries)), at, h.keys[by], Statement{Head: head}})
	case "signs":
		n, _ := strconv.Atoi(args[1])
		h.keys[PartyID(args[0])] = demoKey(byte(n)).Thumbprint()
	case "head":
		h.head = instant(h.t, args[0])
	case "known":
		h.known = h.state(args)
	case "ask":
		h.ask(strings.Join(words, " "), args)
	case "expect":
		if !slices.Contains(expectable, args[0]) || len(args) < 2 {
			h.fatal("%v: nothing that can be expected", words)
		}
		last := h.asked[len(h.asked)-1]
		last.expected = append(last.expected, args)
	default:
		h.fatal("no command %q", name)
	}
}

// speak tries to enter a statement: TIME PARTY KIND [path=value…] [as NAME].
func (h *hearing) speak(args []string) Faults {
	h.t.Helper()
	made, by, kind, body := args[0], PartyID(args[1]), Kind(args[2]), args[3:]
	name := ""
	if n := len(body); n > 1 && body[n-2] == "as" {
		name, body = body[n-1], body[:n-2]
	}
	said := map[string]any{}
	if kind.First() {
		said = h.tree(specimenOf(h.t, kind).payload)
		root, _, _ := strings.Cut(string(kind), ".")
		h.changes = slices.DeleteFunc(h.changes, func(change string) bool {
			ours := strings.HasPrefix(change, root+".")
			if ours {
				body = append(slices.Clip(body), change)
			}
			return ours
		})
	} else if kind.AboutCode() {
		said["code"] = h.subject()
		if kinds[kind].about == ofDeclaration {
			said["code"] = thames
		}
	}
	said["kind"], said["by"], said["made"], said["origin"] = kind, by, made, "labels.example"
	said["id"] = fmt.Sprintf("0199f0c2-0000-7000-9000-%012x", len(h.entries))
	logged := instant(h.t, made)
	for _, change := range body {
		path, value, ok := strings.Cut(change, "=")
		switch {
		case !ok:
			h.fatal("%q is not path=value", change)
		case path == "logged":
			logged = instant(h.t, value)
		default:
			h.set(said, path, value)
		}
	}
	payload, err := json.Marshal(said)
	if err != nil {
		h.fatal("%v", err)
	}
	s, faults := ParseStatement(payload)
	if len(faults) > 0 {
		return faults
	}
	e := h.entry(s)
	e.Logged = logged
	if n := len(h.entries); n > 0 && logged.Before(h.entries[n-1].Logged) {
		h.fatal("%v: a log does not go back", args)
	}
	if faults = h.enter(e); len(faults) == 0 && name != "" {
		h.named[name] = e
	}
	return faults
}

func (h *hearing) tree(payload []byte) (tree map[string]any) {
	if err := decodeTree(payload, &tree); err != nil {
		h.fatal("%v", err)
	}
	return tree
}

// set puts a value where path says, and whatever must be there to hold it.
func (h *hearing) set(tree map[string]any, path, word string) {
	h.t.Helper()
	steps := strings.Split(path, ".")
	holder := tree
	for _, step := range steps[:len(steps)-1] {
		next, ok := holder[step].(map[string]any)
		if holder[step] == nil {
			next, ok = map[string]any{}, true
			holder[step] = next
		}
		if !ok {
			break // a list: put goes into it
		}
		holder = next
	}
	var value any = word
	switch prefix, name, _ := strings.Cut(word, ":"); prefix {
	case "absent":
		value = absent
	case "@key":
		value = h.keys[PartyID(name)]
	case "@jwk":
		n, _ := strconv.Atoi(name)
		value = demoKey(byte(n))
	default:
		if name, ok := strings.CutPrefix(word, "@"); ok {
			value = h.named[name].ID
		} else if json.Valid([]byte(word)) {
			value = json.RawMessage(word)
		}
	}
	put(h.t, tree, steps, value)
}

// subject is the code a case is about: the label where there is one.
func (h *hearing) subject() Code {
	if len(h.about(aoba)) > 0 {
		return aoba
	}
	return thames
}

// state reads what was known: a size, an instant, "before NAME" or "after NAME".
func (h *hearing) state(args []string) Known {
	h.t.Helper()
	if len(args) == 2 {
		e, ok := h.named[args[1]]
		if !ok {
			h.fatal("nothing is named %s", args[1])
		}
		if args[0] == "after" {
			return Known{Size: e.Index + 1}
		}
		return Known{Size: e.Index}
	}
	if size, err := strconv.ParseInt(args[0], 10, 64); err == nil {
		return Known{Size: size}
	}
	return Known{Time: instant(h.t, args[0])}
}

// ask puts a question: IN TIME or IN DAY, and where it is not about the subject,
// "of CODE". A day means its first instant there.
func (h *hearing) ask(line string, args []string) {
	h.t.Helper()
	code := h.subject()
	if len(args) == 4 && args[2] == "of" {
		code = Code(args[3])
	}
	q := Question{In: Jurisdiction(strings.TrimPrefix(args[0], "-")), Known: h.known}
	if len(args[1]) == len(time.DateOnly) {
		q.At = day(h.t, args[1]).Start(q.In.Country().Zone())
	} else {
		q.At = instant(h.t, args[1])
	}
	head := h.head
	if head.IsZero() {
		head = latest(q.At, h.entries[len(h.entries)-1].Logged)
	}
	h.asked = append(h.asked, &asked{h.file, h.title, line, h.facts(code, head.Format(time.RFC3339)), q, nil})
}
