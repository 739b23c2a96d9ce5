package verify

import "slices"

// noted are the faults of one statement so far. There may be thousands, and each is
// looked for among them: by its field and rule, and by where it is.
type noted struct {
	Faults
	rules  map[Fault]bool  // without their details
	fields map[string]bool // true: a field with a fault; false: one that it is in
}

func (n *noted) add(field string, rule FaultRule, detail string) {
	same := Fault{Field: field, Rule: rule}
	if n.rules[same] {
		return
	}
	if n.rules == nil {
		n.rules, n.fields = map[Fault]bool{}, map[string]bool{}
	}
	n.Faults, n.rules[same], n.fields[field] = append(n.Faults, Fault{field, rule, detail}), true, true
	for _, outer := range around(field) {
		if _, told := n.fields[outer]; !told {
			n.fields[outer] = false
		}
	}
}

// at reports whether a fault of field, or of something inside or around it, is
// noted already: then what else could be said of it rests on nothing.
func (n *noted) at(field string) bool {
	if len(n.Faults) == 0 {
		return false
	}
	_, is := n.fields[field]
	return is || slices.ContainsFunc(around(field), func(outer string) bool { return n.fields[outer] })
}

// around returns the paths of what a field is in, of the outermost ones: no member lies
// deeper, whatever is in the name of one that is not known.
func around(path string) (outer []string) {
	for i := 0; i < len(path) && len(outer) < deepest; i++ {
		if path[i] == '.' || path[i] == '[' {
			outer = append(outer, path[:i])
		}
	}
	return outer
}

const deepest = 16
