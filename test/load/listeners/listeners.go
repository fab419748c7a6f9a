// Command listeners opens many live connections to a server and tells how late its events reach them.
//
// It is run by hand, in a process of its own:
//
//	listeners -serve 127.0.0.1:8099 &
//	listeners -url http://127.0.0.1:8099/live -n 3000 -events 15 -pid $!
//
// Any server-sent events can be listened to. Where an event's data begins with the time of its publication, in
// nanoseconds since 1970 as -serve writes it, lateness is counted from then; otherwise from the moment in which
// the first connection got the event.
package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"flag"
	"fmt"
	"log"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/signal"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"rostrum.example/internal/live"
)

func main() {
	log.SetFlags(0)
	address := flag.String("serve", "", "serve /live at this address and publish events")
	every := flag.Duration("every", time.Second, "with -serve, time between events")
	size := flag.Int("size", 300, "with -serve, bytes of an event's data")
	target := flag.String("url", "", "listen to this URL")
	n := flag.Int("n", 3000, "number of connections")
	events := flag.Int("events", 15, "number of events to wait for, once all are connected")
	patience := flag.Duration("patience", 2*time.Minute, "time after which to give up")
	pid := flag.Int("pid", 0, "process of the server, to tell its memory")
	flag.Parse()
	var err error
	switch {
	case *address != "" && *target == "":
		err = serve(*address, *every, *size)
	case *target != "" && *address == "" && *n > 0 && *events > 0:
		err = listen(*target, *n, *events, *patience, *pid)
	default:
		flag.Usage()
		os.Exit(2)
	}
	if err != nil {
		log.Fatal(err)
	}
}

// serve publishes an event of size bytes at each interval until it is interrupted.
func serve(address string, every time.Duration, size int) error {
	hub, err := live.NewHub(live.Options{Random: rand.Reader})
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/live", func(w http.ResponseWriter, r *http.Request) { hub.Serve(w, r, "load", "all") })
	server := &http.Server{Addr: address, Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	go func() {
		tick := time.NewTicker(every)
		for id := 1; ; id++ {
			select {
			case <-ctx.Done():
				hub.Close()
				server.Shutdown(context.Background())
				return
			case <-tick.C:
				data := strconv.AppendInt(nil, time.Now().UnixNano(), 10)
				data = append(data, bytes.Repeat([]byte(" event"), size/6+1)...)
				if err := hub.Publish("load", "all", "load", strconv.Itoa(id), data[:max(size, 20)]); err != nil {
					log.Fatal(err)
				}
			}
		}
	}()
	log.Printf("serving http://%s/live as process %d", address, os.Getpid())
	if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// arrival is one event on one connection.
type arrival struct {
	id    string
	at    int64 // nanoseconds since 1970
	stamp int64 // when it was published; 0 if the event does not say
}

func listen(target string, n, events int, patience time.Duration, pid int) error {
	u, err := url.Parse(target)
	if err != nil {
		return err
	}
	memory(pid, "before")
	begun := time.Now()
	conns := make([]*connection, n)
	var connecting sync.WaitGroup
	var failed atomic.Int32
	places := make(chan bool, 64)
	for i := range conns {
		places <- true
		connecting.Go(func() {
			defer func() { <-places }()
			c, err := connect(u)
			if err != nil {
				if failed.Add(1) == 1 {
					log.Printf("connecting: %v", err)
				}
				return
			}
			c.SetDeadline(begun.Add(patience))
			conns[i] = c
		})
	}
	connecting.Wait()
	arrivals := make([][]arrival, n)
	joined := time.Now()
	var reading sync.WaitGroup
	for i, c := range conns {
		if c != nil {
			reading.Go(func() { arrivals[i] = read(c, joined.UnixNano(), events) })
		}
	}
	fmt.Printf("connected %d of %d in %.2f s\n", n-int(failed.Load()), n, joined.Sub(begun).Seconds())
	memory(pid, "connected")
	reading.Wait()
	memory(pid, "after the events")
	for _, c := range conns {
		if c != nil {
			c.Close()
		}
	}
	report(arrivals, joined.UnixNano(), n, events)
	return nil
}

// connection is one open stream, read up to the end of the answer's header.
type connection struct {
	net.Conn
	in *bufio.Reader
}

// connect asks for the events over HTTP/1.1 and waits until the server has answered.
func connect(u *url.URL) (*connection, error) {
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	address := net.JoinHostPort(u.Hostname(), port)
	dialer := &net.Dialer{Timeout: 30 * time.Second}
	var c net.Conn
	var err error
	if u.Scheme == "https" {
		c, err = tls.DialWithDialer(dialer, "tcp", address, &tls.Config{ServerName: u.Hostname(), NextProtos: []string{"http/1.1"}})
	} else {
		c, err = dialer.Dial("tcp", address)
	}
	if err != nil {
		return nil, err
	}
	stream := &connection{c, bufio.NewReaderSize(c, 512)}
	if err := stream.ask(u); err != nil {
		c.Close()
		return nil, err
	}
	return stream, nil
}

func (c *connection) ask(u *url.URL) error {
	c.SetDeadline(time.Now().Add(30 * time.Second))
	if _, err := fmt.Fprintf(c, "GET %s HTTP/1.1\r\nHost: %s\r\nAccept: text/event-stream\r\n\r\n", u.RequestURI(), u.Host); err != nil {
		return err
	}
	status, err := c.in.ReadString('\n')
	if err != nil {
		return err
	}
	if !strings.Contains(status, " 200 ") {
		return fmt.Errorf("the server answers %s", strings.TrimSpace(status))
	}
	for {
		line, err := c.in.ReadString('\n')
		if err != nil || strings.TrimSpace(line) == "" {
			return err
		}
	}
}

// read gives what arrives on c until the wanted number of events has come that were not there before joined.
func read(c *connection, joined int64, events int) (all []arrival) {
	id, begins, late := "", true, 0
	for late < events {
		line, err := c.in.ReadSlice('\n')
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			return all
		}
		if rest, ok := bytes.CutPrefix(line, []byte("id: ")); begins && ok {
			id = string(bytes.TrimSpace(rest))
		}
		if rest, ok := bytes.CutPrefix(line, []byte("data: ")); begins && ok && id != "" {
			a := arrival{id: id, at: time.Now().UnixNano()}
			digits, _, _ := bytes.Cut(rest, []byte(" "))
			if len(digits) == 19 {
				a.stamp, _ = strconv.ParseInt(string(digits), 10, 64)
			}
			all = append(all, a)
			if id = ""; a.stamp > joined || a.stamp == 0 {
				late++
			}
		}
		begins = err == nil
	}
	return all
}

// report prints how late the events were that all connections waited for.
func report(arrivals [][]arrival, joined int64, n, events int) {
	first, got := map[string]int64{}, map[string]int{}
	for _, all := range arrivals {
		for _, a := range all {
			from := a.stamp
			if from == 0 {
				from = a.at
			}
			if before, known := first[a.id]; !known || from < before {
				first[a.id] = from
			}
			got[a.id]++
		}
	}
	var late []float64
	var last []float64
	counted, missing := 0, 0
	for id, from := range first {
		if from <= joined || got[id]*2 < n { // from before all were connected, or from after the first had enough
			continue
		}
		counted++
		missing += n - got[id]
		worst := 0.0
		for _, all := range arrivals {
			for _, a := range all {
				if a.id == id {
					ms := float64(a.at-from) / 1e6
					late = append(late, ms)
					worst = max(worst, ms)
				}
			}
		}
		last = append(last, worst)
	}
	if len(late) == 0 {
		fmt.Println("no event came")
		return
	}
	slices.Sort(late)
	slices.Sort(last)
	at := func(sorted []float64, p float64) float64 {
		return sorted[min(len(sorted)-1, int(p*float64(len(sorted))))]
	}
	fmt.Printf("%d events, %d deliveries, %d missing\n", counted, len(late), missing)
	fmt.Printf("late by p50 %.1f ms, p95 %.1f ms, p99 %.1f ms; last connection of an event: median %.1f ms, worst %.1f ms\n",
		at(late, 0.50), at(late, 0.95), at(late, 0.99), at(last, 0.5), last[len(last)-1])
}

// memory prints the resident memory of a process, where the system tells it.
func memory(pid int, when string) {
	if pid == 0 {
		return
	}
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		log.Print(err)
		return
	}
	for line := range strings.Lines(string(status)) {
		name, value, _ := strings.Cut(line, ":")
		if name == "VmRSS" || name == "VmHWM" {
			kb, _ := strconv.Atoi(strings.TrimSuffix(strings.TrimSpace(value), " kB"))
			fmt.Printf("server %s: %s %.1f MB\n", when, name, float64(kb)/1024)
		}
	}
}
