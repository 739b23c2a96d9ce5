package settings

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
)

// The longest file of settings, in bytes.
const fileMost = 1 << 20

// fromFile reads a file of settings: one NAME = VALUE a line, and comments, which
// begin with #. A # later in a line is of the value.
func (t Table) fromFile(path string) (map[string][]given, []error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, []error{err}
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, fileMost+1))
	if err != nil {
		return nil, []error{err}
	}
	if len(text) > fileMost {
		return nil, []error{fmt.Errorf("%s: longer than %d bytes: this is no file of settings", path, fileMost)}
	}
	told := map[string][]given{}
	var faults []error
	n := 0
	for line := range strings.Lines(string(text)) {
		n++
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		place := fmt.Sprintf("%s:%d", path, n)
		if name, value, err := t.line(line); err != nil {
			faults = append(faults, fmt.Errorf("%s: %w", place, err))
		} else {
			told[name] = append(told[name], given{place, value})
		}
	}
	return told, faults
}

// line reads one line that is no comment.
func (t Table) line(line string) (name, value string, err error) {
	name, value, found := strings.Cut(line, "=")
	name, value = strings.TrimSpace(name), strings.TrimSpace(value)
	i := slices.IndexFunc(t, func(s Setting) bool { return s.Name == name })
	switch {
	case !found:
		return "", "", fmt.Errorf("%q is not NAME = VALUE", line)
	case i < 0:
		return "", "", fmt.Errorf("there is no setting %q", name)
	case t[i].Alone:
		return "", "", fmt.Errorf("%s cannot be said in the file", name)
	case len(value) > 1 && strings.ContainsRune(`"'`, rune(value[0])) && value[0] == value[len(value)-1]:
		return "", "", fmt.Errorf("%s: a value stands here without quotation marks", name)
	}
	return name, value, nil
}
