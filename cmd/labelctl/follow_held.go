package main

import (
	"hash/fnv"
	"maps"
	"slices"

	"tegata/verify"
	"tegata/verify/bundle"
	"tegata/verify/match"
)

// want has the entries held that have a name.
func (f *following) want(name string) {
	if f.wanted[name] {
		return
	}
	f.wanted[name] = true
	f.again = f.again || f.unheld[shortened(name)]
}

// shortened is a name as it is kept of entries that are not held. Two names may
// have the same: then the log is read again for nothing.
func shortened(name string) uint32 {
	h := fnv.New32a()
	h.Write([]byte(name))
	return h.Sum32()
}

// Names of entries: by what they are found, as a registry finds them.
func codeName(c verify.Code) string { return "code " + string(c) }
func itemName(g verify.GTIN) string { return "gtin " + string(g) }
func modelName(m string) string     { return "model " + match.Model(m) }
func numberName(n string) string    { return "number " + n }

// namesOf lists the names of an entry about a code.
func namesOf(e verify.Entry) []string {
	names := []string{codeName(e.Code)}
	for _, item := range verify.TradeItems(e.Statement) {
		names = append(names, itemName(item))
	}
	for _, m := range modelsOf(e) {
		names = append(names, modelName(m.Model))
	}
	if b, ok := e.Body.(*verify.Issued); ok {
		names = append(names, numberName(b.Label.Number))
	}
	return names
}

func modelsOf(e verify.Entry) []verify.Model {
	switch b := e.Body.(type) {
	case *verify.Issued:
		return b.Label.Product.Models
	case *verify.Published:
		return b.Declaration.Product.Models
	case *verify.Amended:
		return b.Models
	case *verify.LinkAmended:
		return b.Models
	}
	return nil
}

// leadsTo lists the names that an entry leads to: those of the rest of what was
// said about its code, of the declaration that it rests on, and of its trade items.
func leadsTo(e verify.Entry) (names []string) {
	if e.Code == "" {
		return nil
	}
	names = append(names, codeName(e.Code))
	if b, ok := e.Body.(*verify.Issued); ok && b.Label.Basis.Declaration != "" {
		names = append(names, codeName(b.Label.Basis.Declaration))
	}
	for _, item := range verify.TradeItems(e.Statement) {
		names = append(names, itemName(item))
	}
	return names
}

// letGo passes over what is held and none of the names leads to.
func (f *following) letGo(names []string) error {
	entries, needed, wanted := make([]verify.Entry, len(f.held)), make([]bool, len(f.held)), map[string]bool{}
	for i, h := range f.held {
		var err error
		if entries[i], _, err = bundle.ParseEntry(h.Index, []byte(h.Entry)); err != nil {
			return err
		}
	}
	for _, name := range names {
		wanted[name] = true
	}
	for more := true; more; {
		more = false
		for i, e := range entries {
			if !needed[i] && (e.Code == "" || slices.ContainsFunc(namesOf(e), func(n string) bool { return wanted[n] })) {
				needed[i], more = true, true
				for _, name := range leadsTo(e) {
					wanted[name] = true
				}
			}
		}
	}
	size, hashes, held, unheld := f.size, f.hashes, f.held, f.unheld
	maps.DeleteFunc(f.wanted, func(name string, _ bool) bool { return !wanted[name] })
	f.restart()
	f.size, f.hashes, f.unheld = size, hashes, unheld
	for i, h := range held {
		if needed[i] {
			if err := f.hold(h.Index, []byte(h.Entry)); err != nil {
				return err
			}
			continue
		}
		for _, name := range namesOf(entries[i]) {
			f.unheld[shortened(name)] = true
		}
	}
	return nil
}

// hold enters an entry, and wants what it leads to. Where all is to be read again
// it only wants: alone the entry follows nothing.
func (f *following) hold(index int64, raw []byte) error {
	e, _, err := bundle.ParseEntry(index, raw)
	if err != nil {
		return err
	}
	for _, name := range leadsTo(e) {
		f.want(name)
	}
	if f.again && e.Code != "" {
		return nil
	}
	if e, err = f.replay.EnterAt(index, raw); err != nil {
		return err
	}
	f.held = append(f.held, heldEntry{index, string(raw)})
	if b, ok := e.Body.(*verify.Issued); ok {
		f.number[b.Label.Number] = e.Code
	}
	for _, m := range modelsOf(e) {
		name := match.Model(m.Model)
		if at, have := slices.BinarySearch(f.models[name], e.Code); !have {
			f.models[name] = slices.Insert(f.models[name], at, e.Code)
		}
	}
	return nil
}
