package folder

import (
	"errors"
	"os"
	"path/filepath"
)

// WriteDurably puts a file in the place of what is there, whole or not at all,
// and returns once it would outlast a loss of power, and all else that was
// written to its folder.
func WriteDurably(name string, data []byte) error {
	f, err := os.CreateTemp(filepath.Dir(name), ".new-*")
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
		err = os.Rename(f.Name(), name)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return Sync(filepath.Dir(name))
}

// Sync returns once what was made, renamed or removed in a folder would outlast a loss of
// power.
func Sync(name string) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
