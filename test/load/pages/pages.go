// Pages asks an instance for pages at a steady rate and prints how long the answers took. A request that had to
// wait for its turn counts from the moment it was due, so a server that falls behind cannot hide it.
//
//	rostrum demo --listen 127.0.0.1:8053 &
//	go run ./test/load/pages -url http://127.0.0.1:8053 -rate 3000 -for 20s
//
// It is run by hand and only against this machine.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// paths are what an anonymous reader looks at, in three languages.
var paths = []string{
	"/en/", "/en/dialogues", "/en/dialogues/som-2022/points/data-and-evidence/trace", "/en/dialogues/som-2023",
	"/ar/", "/ar/dialogues/som-2022/points/inclusion/trace", "/fr/dialogues/som-2022", "/en/record", "/en/sources",
}

func main() {
	base := flag.String("url", "http://127.0.0.1:8053", "`ADDRESS` of the instance, on this machine")
	rate := flag.Int("rate", 3000, "requests a second")
	length := flag.Duration("for", 20*time.Second, "how long")
	workers := flag.Int("connections", 64, "connections kept open")
	flag.Parse()
	if err := run(*base, *rate, *length, *workers); err != nil {
		fmt.Fprintln(os.Stderr, "pages:", err)
		os.Exit(1)
	}
}

func run(base string, rate int, length time.Duration, workers int) error {
	u, err := url.Parse(base)
	if err != nil {
		return err
	}
	if ip := net.ParseIP(u.Hostname()); u.Hostname() != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return fmt.Errorf("%s is not on this machine", base)
	}
	client := &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: workers, MaxConnsPerHost: workers, DisableCompression: true}}
	total := int(float64(rate) * length.Seconds())
	due := make(chan int, total)
	took := make([]time.Duration, total)
	var failed, bytes atomic.Int64
	ctx, cancel := context.WithTimeout(context.Background(), 2*length+10*time.Second)
	defer cancel()
	start := time.Now()
	at := func(i int) time.Time { return start.Add(time.Duration(i) * time.Second / time.Duration(rate)) }
	var wait sync.WaitGroup
	for range workers {
		wait.Add(1)
		go func() {
			defer wait.Done()
			for i := range due {
				n, err := ask(ctx, client, base+paths[i%len(paths)])
				if err != nil {
					failed.Add(1)
				}
				bytes.Add(n)
				took[i] = time.Since(at(i))
			}
		}()
	}
	for i := range total {
		if pause := time.Until(at(i)); pause > 0 {
			time.Sleep(pause)
		}
		due <- i
	}
	close(due)
	wait.Wait()
	real := time.Since(start)
	slices.Sort(took)
	quantile := func(q float64) time.Duration { return took[int(q*float64(total-1))].Round(10 * time.Microsecond) }
	fmt.Printf("%d requests in %s (%.0f/s), %d failed, %.1f kB each\n", total, real.Round(time.Millisecond), float64(total)/real.Seconds(), failed.Load(), float64(bytes.Load())/float64(total)/1000)
	fmt.Printf("p50 %s  p95 %s  p99 %s  longest %s\n", quantile(.5), quantile(.95), quantile(.99), quantile(1))
	return nil
}

func ask(ctx context.Context, client *http.Client, address string) (int64, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return 0, err
	}
	req.Header.Set("Accept-Encoding", "gzip")
	resp, err := client.Do(req)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	n, err := io.Copy(io.Discard, resp.Body)
	if err == nil && (resp.StatusCode != http.StatusOK || !strings.HasPrefix(resp.Header.Get("Content-Type"), "text/html")) {
		err = fmt.Errorf("%s answers %s", address, resp.Status)
	}
	return n, err
}
