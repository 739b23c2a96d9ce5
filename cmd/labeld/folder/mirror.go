package folder

import (
	"fmt"
	"net/url"
	"path/filepath"

	"tegata/registry"
	"tegata/verify/bundle"
	"tegata/verify/envelope"
)

// mirrors is the folder of all mirrors.
func (d Folder) mirrors() string { return filepath.Join(string(d), "mirrors") }

// Mirror is the folder of the mirror of a log: its file, the key that its answers
// are signed with, and the hand-overs of the log's keys that were followed.
func (d Folder) Mirror(origin string) Folder {
	return Folder(filepath.Join(d.mirrors(), url.PathEscape(origin)))
}

// Mirroring is what the mirror in the folder, as [Folder.Mirror] names it, is opened
// with: the address it is read from, its own key, and the trust file as the hand-overs
// that were followed have made it.
func (d Folder) Mirroring(from string, t bundle.Trust) (c registry.Config, err error) {
	key, err := ReadKey(d.Key(bundle.AnswerPurpose))
	if err != nil {
		return c, err
	}
	if c.Answer, err = envelope.SignerFrom(key); err != nil {
		return c, err
	}
	handOvers, err := d.readHandOvers()
	if err != nil {
		return c, err
	}
	if t, err = t.Follow(handOvers...); err != nil {
		return c, fmt.Errorf("%s does not go with the trust file: %w; take the present one: labelctl trust -from URL -trust FILE -f", d.HandOvers(), err)
	}
	c.Original = registry.NewOriginal(from, t)
	c.Original.Take(t, handOvers)
	return c, nil
}
