package observer

import "strings"

// A rule of a robots.txt says which paths may be visited, or may not: those that
// begin with its path, in which * is anything and a $ at the end is the end
// (RFC 9309, section 2.2.3).
type rule struct {
	allow bool
	path  string
}

// parseRobots returns the rules that a robots.txt has for this visitor: those of
// all groups that name it, or else of all that name everybody. Lines that cannot be
// read are passed over, and the others count.
func parseRobots(text string) []rule {
	var named, mine, everybody bool // the group names us; some group did; it names everybody
	var ours, all []rule
	agents := false // the last line that counts named somebody
	text = strings.TrimPrefix(text, "\ufeff")
	for line := range strings.FieldsFuncSeq(text, func(c rune) bool { return c == '\n' || c == '\r' }) {
		line, _, _ = strings.Cut(line, "#")
		key, value, _ := strings.Cut(line, ":")
		value = strings.TrimSpace(value)
		switch key = strings.ToLower(strings.TrimSpace(key)); key {
		case "user-agent":
			if !agents {
				named, everybody, agents = false, false, true
			}
			named = named || strings.EqualFold(value, product)
			everybody = everybody || value == "*"
			mine = mine || named
		case "allow", "disallow":
			agents = false
			r := rule{key == "allow", value}
			if named && value != "" {
				ours = append(ours, r)
			}
			if everybody && value != "" {
				all = append(all, r)
			}
		}
	}
	if mine {
		return ours
	}
	return all
}

// allowed reports whether the rules let a path be visited: of those that match,
// the longest counts, and of two as long the one that allows.
func allowed(rules []rule, path string) bool {
	last := rule{allow: true}
	for _, r := range rules {
		if (len(r.path) > len(last.path) || len(r.path) == len(last.path) && r.allow) && r.matches(path) {
			last = r
		}
	}
	return last.allow
}

func (r rule) matches(path string) bool {
	pattern, whole := strings.CutSuffix(r.path, "$")
	part, pattern, more := strings.Cut(pattern, "*")
	rest, ok := strings.CutPrefix(path, part)
	for ok && more {
		if part, pattern, more = strings.Cut(pattern, "*"); !more && whole {
			return strings.HasSuffix(rest, part)
		}
		_, rest, ok = strings.Cut(rest, part)
	}
	return ok && (!whole || rest == "")
}
