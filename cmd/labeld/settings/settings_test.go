package settings

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

// some settings, of every form.
type some struct {
	text, config string
	number       int
	long         time.Duration
	on           bool
	each         []string
}

func (s *some) settings() Table {
	return Table{
		{Name: "a-text", Takes: "text", Needed: true, Set: Text(&s.text)},
		{Name: "number", Takes: "N", Begins: "7", Set: Number(&s.number, 0, 9)},
		{Name: "long", Takes: "time", Begins: "1m", Set: Time(&s.long, time.Second, time.Hour)},
		{Name: "on", Set: Switch(&s.on)},
		{Name: "each", Takes: "word", Many: true, Set: Each(&s.each, func(v string) (string, error) {
			if v == "" {
				return v, errors.New("no word")
			}
			return v, nil
		})},
		{Name: "config", Takes: "file", Alone: true, Set: Text(&s.config)},
	}
}

func settingsFile(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "s.conf")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestSettings: a flag goes before the environment, that before the file, and all
// before the default.
func TestSettings(t *testing.T) {
	file := settingsFile(t, "# all of them\r\n\n a-text = of the file # and more = x\nnumber=3\non = true\neach = one\neach = two\n")
	for _, c := range []struct {
		what      string
		args, env []string
		want      some
	}{
		{"a flag alone", []string{"-a-text", "x"}, nil, some{text: "x", number: 7, long: time.Minute}},
		{"flags", []string{"-a-text=x", "-number", "0", "-long=2s", "-on", "-each", "b", "-each=a"}, nil, some{text: "x", long: 2 * time.Second, on: true, each: []string{"b", "a"}}},
		{"the environment", nil, []string{"HOME=/", "LABELD_A_TEXT=x=y", "LABELD_ON=true", "LABELD_EACH=b\na\n"}, some{text: "x=y", number: 7, long: time.Minute, on: true, each: []string{"b", "a"}}},
		{"the file", []string{"-config", file}, nil, some{config: file, text: "of the file # and more = x", number: 3, long: time.Minute, on: true, each: []string{"one", "two"}}},
		{"the file, by the environment", nil, []string{"LABELD_CONFIG=" + file}, some{config: file, text: "of the file # and more = x", number: 3, long: time.Minute, on: true, each: []string{"one", "two"}}},
		{"all", []string{"-number", "1", "-on=false"}, []string{"LABELD_CONFIG=" + file, "LABELD_NUMBER=2", "LABELD_EACH=three"}, some{config: file, text: "of the file # and more = x", number: 1, long: time.Minute, each: []string{"three"}}},
		{"a flag that says what the default is", []string{"-config", file, "-number", "7"}, nil, some{config: file, text: "of the file # and more = x", number: 7, long: time.Minute, on: true, each: []string{"one", "two"}}},
	} {
		var got some
		if _, err := got.settings().Settle(c.args, c.env, io.Discard); err != nil || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: got %+v, %v, want %+v", c.what, got, err, c.want)
		}
	}
}

// TestSettingsFaults: whatever is wrong is told at once, with its place.
func TestSettingsFaults(t *testing.T) {
	file := settingsFile(t, "number = ten\n-a-text = x\nother = 1\nconfig = x\nnothing\n= 1\non = \"true\"\nlong = 61m\nlong = 2s\n")
	var s some
	_, err := s.settings().Settle([]string{"-config", file, "-what", "---x", "-each", "", "more", "-on=perhaps", "-on", "-=1", "-number"}, []string{"LABELD_WHAT=", "LABELD_A_TEXT=a", "LABELD_A_TEXT=b", "LABELD_LONG="}, io.Discard)
	if err == nil {
		t.Fatal("nothing is wrong")
	}
	_, list, _ := strings.Cut(err.Error(), ":\n")
	got := strings.Split(list, "\n")
	want := []string{
		"flag provided but not defined: -what",
		"bad flag syntax: ---x",
		`"more" is no flag, and serve takes nothing else`,
		"bad flag syntax: -=1",
		"flag needs an argument: -number",
		"LABELD_WHAT: there is no such setting",
		file + `:2: there is no setting "-a-text"`,
		file + `:3: there is no setting "other"`,
		file + ":4: config cannot be said in the file",
		file + `:5: "nothing" is not NAME = VALUE`,
		file + `:6: there is no setting ""`,
		file + ":7: on: a value stands here without quotation marks",
		"LABELD_A_TEXT: it is given again, and has one value only",
		file + `:1: "ten" is not a whole number from 0 to 9`,
		"LABELD_LONG: it is empty: say what it is, or leave it out",
		"-on: it is given again, and has one value only",
		"-each: it is empty: say what it is, or leave it out",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	for text, want := range map[string]string{"-number=-1": "from 0 to 9", "-number=1.5": "from 0 to 9", "-number=": "it is empty", "-long=1": "from 1s to 1h0m0s",
		"-long=999ms": "from 1s to 1h0m0s", "-on=2": "neither true nor false", "-config=" + t.TempDir(): "is a directory", "-config=nowhere": "no such file", "-config=": "-config: it is empty", "-a-text=": "-a-text: it is given again"} {
		if _, err := new(some).settings().Settle([]string{"-a-text", "x", text}, nil, io.Discard); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", text, err, want)
		}
	}
	long := settingsFile(t, strings.Repeat("#\n", fileMost/2)+"#")
	if _, err := new(some).settings().Settle([]string{"-a-text", "x", "-config", long}, nil, io.Discard); err == nil || !strings.Contains(err.Error(), "longer than") {
		t.Errorf("a file without end: got %v", err)
	}
}

func TestSettingsPrinted(t *testing.T) {
	file := settingsFile(t, "number = 3\neach = one\neach = two\n")
	var s some
	force, err := s.settings().Settle([]string{"-config", file}, []string{"LABELD_A_TEXT=x"}, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	if err := s.settings().Print(&out, force); err != nil {
		t.Fatal(err)
	}
	got := strings.Join(strings.Fields(out.String()), " ")
	want := fmt.Sprintf("a-text x LABELD_A_TEXT number 3 %s:1 long 1m default on not given each one %s:2 each two %s:3 config %s -config", file, file, file, file)
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// FuzzSettingsFile: what is read from a file is read again from the lines that say
// the same.
func FuzzSettingsFile(f *testing.F) {
	f.Add("# c\nnumber = 1\neach=a # b\n\n each = ' \r\n")
	f.Add("on = \"true\"\n=\nnumber")
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, text string) {
		read := func(text string) (map[string][]given, []error) {
			path := filepath.Join(dir, "s.conf")
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			return new(some).settings().fromFile(path)
		}
		told, faults := read(text)
		var again strings.Builder
		for name, values := range told {
			for _, v := range values {
				fmt.Fprintf(&again, "%s = %s\n", name, v.value)
			}
		}
		values := func(told map[string][]given) map[string][]string {
			out := map[string][]string{}
			for name, all := range told {
				for _, v := range all {
					out[name] = append(out[name], v.value)
				}
			}
			return out
		}
		got, wrong := read(again.String())
		if len(wrong) > 0 || !reflect.DeepEqual(values(got), values(told)) {
			t.Errorf("got %v, %v, want %v (with %v)", got, wrong, told, faults)
		}
	})
}
