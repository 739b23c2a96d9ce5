// Command postgres is what a registry of labels might be with nothing but a table: a
// handler that reads a document from PostgreSQL by its code, and answers with it. It
// checks and signs nothing. It is a module of its own, since nothing else here needs
// a client of PostgreSQL.
package main

import (
	"context"
	"flag"
	"log"
	"net/http"
	"os"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

func main() {
	dsn := flag.String("dsn", "", "where PostgreSQL is")
	listen := flag.String("listen", "", "address")
	file := flag.String("token", "", "file of the signed answer that every code has")
	count := flag.Int("count", 20_000, "codes; /N asks for that of the remainder of N")
	flag.Parse()
	token, err := os.ReadFile(*file)
	if err != nil {
		log.Fatal(err)
	}
	ctx := context.Background()
	pool, err := connect(ctx, *dsn)
	if err == nil {
		err = fill(ctx, pool, *count, string(token))
	}
	if err != nil {
		log.Fatal(err)
	}
	http.HandleFunc("GET /{number}", func(w http.ResponseWriter, r *http.Request) {
		number, err := strconv.Atoi(r.PathValue("number"))
		var answer []byte
		if err == nil {
			code := strconv.Itoa(number % *count)
			err = pool.QueryRow(r.Context(), "select document::text from labels where code = $1", code).Scan(&answer)
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusNotFound)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		w.Write(answer)
	})
	log.Fatal(http.ListenAndServe(*listen, nil))
}

// connect waits until PostgreSQL has started.
func connect(ctx context.Context, dsn string) (*pgxpool.Pool, error) {
	config, err := pgxpool.ParseConfig(dsn)
	if err != nil {
		return nil, err
	}
	config.MaxConns = 16
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, err
	}
	for tries := 100; ; tries-- {
		if err = pool.Ping(ctx); err == nil || tries == 0 {
			return pool, err
		}
		time.Sleep(100 * time.Millisecond)
	}
}

func fill(ctx context.Context, pool *pgxpool.Pool, count int, token string) error {
	if _, err := pool.Exec(ctx, "create table labels (code text primary key, document jsonb)"); err != nil {
		return err
	}
	_, err := pool.CopyFrom(ctx, pgx.Identifier{"labels"}, []string{"code", "document"}, pgx.CopyFromSlice(count, func(i int) ([]any, error) {
		return []any{strconv.Itoa(i), map[string]string{"jws": token}}, nil
	}))
	if err == nil {
		_, err = pool.Exec(ctx, "vacuum analyze labels")
	}
	return err
}
