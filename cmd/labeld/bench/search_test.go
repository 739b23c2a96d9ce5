package bench

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	mathrand "math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

// What products of the large registry are called.
var (
	brands = strings.Fields("東方電機 北斗精工 桜井無線 青葉システム 日和電子 大和光学 富岳通信 みどり産業 瑞穂製作所 海鳴電器 白樺デバイス 若草ホーム 月島エレクトロ 里山電装 Kaede Hoshino Tsubame Nordlicht アオゾラ ナギサ")
	kinds  = strings.Fields("電球 ルーター スマートロック ネットワークカメラ ドアホン 照明スイッチ 温湿度計 煙感知器 人感センサー 学習リモコン 見守りカメラ 体重計 血圧計 活動量計 分電盤モニター 給湯器コントローラー 宅配ボックス 掃除ロボット 空気清浄機 加湿器 洗濯機 冷蔵庫 電子レンジ 中継器 アクセスポイント 水漏れ検知器 窓開閉センサー 車載端末 決済端末 エアコン")
	traits = strings.Fields("防水 屋外用 指紋認証 顔認証 充電式 電池式 ソーラー 超小型 高精度 5GHz対応 Bluetooth Matter対応 暗号化 遠隔操作 音声操作 省電力 業務用 家庭用 広角 夜間対応 双方向 LTE内蔵 PoE給電 自動更新")
)

// called is what the product of the n-th label is called, always the same: in
// Japanese, with its brand and model.
func called(n int) (name, brand, model string) {
	rng := mathrand.New(mathrand.NewPCG(uint64(n), 0))
	pick := func(of []string) string { return of[rng.IntN(len(of))] }
	letter := func() rune { return 'A' + rune(rng.IntN(26)) }
	brand, model = pick(brands), fmt.Sprintf("%c%c-%c%04d", letter(), letter(), letter(), rng.IntN(10_000))
	return brand + " " + pick(kinds) + " " + pick(traits) + "・" + pick(traits) + " " + model, brand, model
}

// twoCharacters and twoWords are what is searched for in turn: what is only in names,
// not in codes and numbers.
func twoCharacters() (queries []string) {
	for _, kind := range kinds[:20] {
		queries = append(queries, string([]rune(kind)[:2]))
	}
	return queries
}

func twoWords() (queries []string) {
	for i := range 20 {
		queries = append(queries, kinds[i+1]+" "+append(traits, brands...)[i*2+1])
	}
	return queries
}

// searchCharacters: a part of a name, beside a search engine that has the names and
// nothing else, and is asked on a pipe.
func searchCharacters(b *bench) *job {
	path, err := exec.LookPath("groonga")
	if err != nil {
		return nil
	}
	j := b.large().searching(twoCharacters(), b.groonga(path))
	j.beside, j.must, j.aim = "groonga, asked on a pipe", 10, 50
	return j
}

// searchWords: two words, beside a database that has the names and nothing else, and is
// asked on a pipe.
func searchWords(b *bench) *job {
	path, err := exec.LookPath("sqlite3")
	if err != nil {
		return nil
	}
	j := b.large().searching(twoWords(), b.sqlite(path))
	j.beside, j.must, j.aim = "sqlite FTS5, asked on a pipe", 2, 4
	return j
}

// searching is the job of answering queries in turn, one at a time, each with how many
// records it finds and the first 20. Both must find as many. Theirs answers a query
// with how many it finds. It is of a million names that is told, with -labels 1000000: of
// few, most of the time goes into the answer.
func (l *large) searching(queries []string, theirs func(query string) int) *job {
	var paths []string
	l.indexed()
	for _, q := range queries {
		paths = append(paths, "/api/v1/records?q="+url.QueryEscape(q))
		var found struct{ Total int }
		l.get(paths[len(paths)-1], &found)
		if want := theirs(q); found.Total != want || want == 0 {
			l.Fatalf("%q: found %d, beside it %d", q, found.Total, want)
		}
	}
	return &job{unit: "queries/s",
		ours: func() float64 {
			l.indexed()
			n := 0
			answers, err := askOne(l.address, func() []byte {
				n++
				return fmt.Appendf(nil, "GET %s HTTP/1.1\r\nHost: %s\r\n\r\n", paths[n%len(paths)], l.address)
			}, time.Now().Add(*span))
			if err != nil {
				l.Fatal(err)
			}
			return float64(answers) / span.Seconds()
		},
		theirs: func() float64 {
			began, n := time.Now(), 0
			for ; time.Since(began) < *span; n++ {
				theirs(queries[n%len(queries)])
			}
			return float64(n) / time.Since(began).Seconds()
		}}
}

// indexed waits until all that was entered can be searched.
func (l *large) indexed() {
	l.Helper()
	for range 6000 {
		var page struct {
			Searched int64
			Log      struct{ Size int64 }
		}
		if l.get("/api/v1/records?limit=1", &page); page.Searched == page.Log.Size {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	l.Fatal("the large registry cannot be searched after ten minutes")
}

// get decodes what the large registry answers.
func (l *large) get(path string, into any) {
	l.Helper()
	answer, err := http.Get("http://" + l.address + path)
	if err != nil {
		l.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err == nil {
		err = json.Unmarshal(text, into)
	}
	if err != nil || answer.StatusCode != http.StatusOK {
		l.Fatalf("%s: %s, %v: %.300s", path, answer.Status, err, text)
	}
}

// names writes the names of all labels in a form.
func (b *bench) names(file string, form func(number int, name string) string) string {
	b.Helper()
	var text bytes.Buffer
	for n := range *labels {
		name, _, _ := called(n + 1)
		text.WriteString(form(n+1, name))
	}
	file = filepath.Join(b.dir, file)
	if err := os.WriteFile(file, text.Bytes(), 0o600); err != nil {
		b.Fatal(err)
	}
	return file
}

// groonga makes a database of pairs of characters, and returns how to ask it.
func (b *bench) groonga(path string) func(query string) int {
	b.Helper()
	db := filepath.Join(b.dir, "groonga.db")
	load := b.names("groonga.txt", func(_ int, name string) string { return fmt.Sprintf("{\"name\":%q}\n", name) })
	made := b.talk(path, "-n", db)
	made("table_create P TABLE_NO_KEY", 1)
	made("column_create P name COLUMN_SCALAR ShortText", 1)
	text, err := os.ReadFile(load)
	if err != nil {
		b.Fatal(err)
	}
	made("load --table P --input_type json\n[\n"+strings.ReplaceAll(strings.TrimSpace(string(text)), "\n", ",\n")+"\n]", 1)
	made("table_create T TABLE_PAT_KEY ShortText --default_tokenizer TokenBigramSplitSymbolAlphaDigit --normalizer NormalizerAuto", 1)
	made("column_create T p_name COLUMN_INDEX|WITH_POSITION P name", 1)
	total := regexp.MustCompile(`^\[\[0,[^\]]*\],\[\[\[([0-9]+)\]`)
	return func(query string) int {
		out := made(`select P --filter 'name @ "`+query+`"' --output_columns _id --sort_keys _id --limit 20 --cache no`, 1)
		m := total.FindStringSubmatch(out)
		if m == nil {
			b.Fatalf("groonga: %q: %.300s", query, out)
		}
		n, _ := strconv.Atoi(m[1])
		return n
	}
}

// sqlite makes a database of runs of three characters, and returns how to ask it.
func (b *bench) sqlite(path string) func(query string) int {
	b.Helper()
	names := b.names("sqlite.txt", func(n int, name string) string { return fmt.Sprintf("%d\t%s\n", n, name) })
	ask := b.talk(path, "-batch", filepath.Join(b.dir, "names.sqlite"))
	ask(`pragma journal_mode=off; pragma synchronous=off; pragma cache_size=-400000; pragma mmap_size=2000000000;
create table p(id integer primary key, name text);
.mode tabs
.import `+names+` p
create virtual table f using fts5(name, content='p', content_rowid='id', tokenize='trigram');
insert into f(f) values('rebuild'); insert into f(f) values('optimize');
select 'made';`, 3)
	return func(query string) int {
		match := `'"` + strings.Join(strings.Fields(query), `" AND "`) + `"'`
		out := ask("select count(*) from f where f match "+match+"; select group_concat(id) from (select rowid as id from f where f match "+match+" order by rowid limit 20);", 2)
		n, err := strconv.Atoi(strings.TrimSpace(strings.SplitN(out, "\n", 2)[0]))
		if err != nil {
			b.Fatalf("sqlite: %q: %.300s", query, out)
		}
		return n
	}
}

// talk starts a command on the core of what serves, which ends when the run does. What
// it returns tells the command something, and returns so many lines of what it says.
func (b *bench) talk(name string, args ...string) func(line string, lines int) string {
	b.Helper()
	if b.pinned {
		name, args = "taskset", append([]string{"-c", serverCore, name}, args...)
	}
	cmd := exec.Command(name, args...)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		in.Close()
		cmd.Wait()
	})
	said := bufio.NewReader(out)
	return func(line string, lines int) (answer string) {
		b.Helper()
		_, err := io.WriteString(in, line+"\n")
		for i := 0; i < lines && err == nil; i++ {
			var text string
			text, err = said.ReadString('\n')
			answer += text
		}
		if err != nil {
			b.Fatalf("%s: %v: %.300s", name, err, answer)
		}
		return answer
	}
}

// Products are called the same whenever they are asked for, and what is searched for is
// among what they are called.
func TestCalled(t *testing.T) {
	var all strings.Builder
	for n := range 5000 {
		name, brand, model := called(n)
		if again, _, _ := called(n); again != name || !strings.HasPrefix(name, brand) || !strings.HasSuffix(name, model) {
			t.Errorf("%q, %q, %q, and again %q", name, brand, model, again)
		}
		fmt.Fprintln(&all, name)
	}
	for _, q := range append(twoCharacters(), strings.Fields(strings.Join(twoWords(), " "))...) {
		if !strings.Contains(all.String(), q) {
			t.Errorf("no product is called %q", q)
		}
	}
}
