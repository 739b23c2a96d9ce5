// Package keystest makes tokens for tests with SoftHSM.
package keystest

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"

	"tegata/verify/keys"
)

// Library is where Debian puts SoftHSM's PKCS #11 library.
const Library = "/usr/lib/softhsm/libsofthsm2.so"

// Setting is the variable of the environment that leads SoftHSM to its tokens. It
// is read when the library is loaded, once in a process.
const Setting = "SOFTHSM2_CONF"

// Store makes a place for tokens in a folder, where it is not there yet, and
// returns the value of [Setting] that leads to it.
func Store(folder string) (string, error) {
	conf, tokens := filepath.Join(folder, "softhsm2.conf"), filepath.Join(folder, "tokens")
	err := os.MkdirAll(tokens, 0o700)
	if err == nil {
		err = os.WriteFile(conf, fmt.Appendf(nil, "directories.tokendir = %s\nobjectstore.backend = file\nlog.level = ERROR\n", tokens), 0o600)
	}
	return conf, err
}

// Token makes a token in such a place, and the file of its PIN beside it. The
// address returned names them; whoever uses it adds a key.
func Token(folder, label string) (u keys.URI, err error) {
	conf, err := Store(folder)
	if err != nil {
		return u, err
	}
	u = keys.URI{Token: label, Module: Library, PIN: filepath.Join(folder, label+".pin")}
	const pin = "4711"
	if err := keys.WriteSecret(u.PIN, []byte(pin+"\n")); err != nil {
		return u, err
	}
	cmd := exec.Command("softhsm2-util", "--init-token", "--free", "--label", label, "--pin", pin, "--so-pin", "31337")
	cmd.Env = append(os.Environ(), Setting+"="+conf)
	if said, err := cmd.CombinedOutput(); err != nil {
		return u, fmt.Errorf("softhsm2-util: %w: %s", err, said)
	}
	return u, nil
}

// Unplug takes the tokens of a place away, and Plug brings them back.
func Unplug(folder string) error { return move(folder, "tokens", "away") }

// Plug brings back what [Unplug] took.
func Plug(folder string) error { return move(folder, "away", "tokens") }

func move(folder, from, to string) error {
	err := os.Rename(filepath.Join(folder, from), filepath.Join(folder, to))
	if errors.Is(err, fs.ErrNotExist) {
		err = fmt.Errorf("%w: there is nothing to move", err)
	}
	return err
}
