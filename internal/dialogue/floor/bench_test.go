package floor

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"
)

// BenchmarkListeners tells how long after the chair pressed a button 3,000 phones know it: the whole way, with the
// write, the rule, the words and the network, client and server on one machine.
func BenchmarkListeners(b *testing.B) {
	const phones = 3000
	g := newRig(b, storetestSQLite(b))
	g.begin()
	for i := range 60 {
		id := ParticipantID(fmt.Sprint("p", i))
		g.people = append(g.people, Participant{ID: id, Name: fmt.Sprintf("Sample Organisation %d", i), Naming: ByName, Label: string(id), Type: []string{"ngo", "academia", "private_sector"}[i%3], Mode: InRoom})
		g.ask(id, Statement)
	}
	server := httptest.NewServer(g.site)
	defer server.Close()
	defer g.hub.Close()
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	go g.room.Run(ctx)
	address := server.Listener.Addr().String()
	arrived := make(chan time.Time, phones)
	var conns []net.Conn
	var joined sync.WaitGroup
	for i := range phones {
		c, err := net.Dial("tcp", address)
		if err != nil {
			b.Skipf("only %d connections could be opened: %v", i, err)
		}
		conns = append(conns, c)
		joined.Add(1)
		go func() {
			lang := []string{"en", "fr", "ar"}[i%3]
			fmt.Fprintf(c, "GET /live/floor/%s/%s HTTP/1.1\r\nHost: localhost\r\n\r\n", sampleID, lang)
			in := bufio.NewReaderSize(c, 16<<10)
			once := sync.OnceFunc(joined.Done)
			for {
				line, err := in.ReadSlice('\n')
				if err != nil && err != bufio.ErrBufferFull {
					return
				}
				switch {
				case bytes.HasPrefix(line, []byte("retry:")):
					once()
				case bytes.HasPrefix(line, []byte("data: ")):
					arrived <- time.Now()
				}
			}
		}()
	}
	joined.Wait()
	defer func() {
		for _, c := range conns {
			c.Close()
		}
	}()
	time.Sleep(2 * time.Second) // what Run tells at its start
	for len(arrived) > 0 {
		<-arrived
	}
	var late []time.Duration
	for b.Loop() {
		b.StopTimer()
		n := g.look().order("panels", g.clock())[0].Request.N
		start := time.Now()
		b.StartTimer()
		g.do(Command{What: Called, Request: n})
		for range phones {
			late = append(late, (<-arrived).Sub(start))
		}
	}
	slices.Sort(late)
	at := func(share float64) float64 {
		return float64(late[int(share*float64(len(late)-1))].Microseconds()) / 1000
	}
	b.ReportMetric(at(.5), "p50-ms")
	b.ReportMetric(at(.95), "p95-ms")
	b.ReportMetric(at(.99), "p99-ms")
	b.ReportMetric(at(1), "last-ms")
}

// BenchmarkBoard tells what one change costs in words, for all languages.
func BenchmarkBoard(b *testing.B) {
	g := newRig(b, storetestSQLite(b))
	g.begin()
	for i := range 100 {
		id := ParticipantID(fmt.Sprint("p", i))
		g.people = append(g.people, Participant{ID: id, Name: fmt.Sprintf("Sample Organisation %d", i), Naming: ByName, Label: string(id), Type: []string{"ngo", "academia"}[i%2], Mode: InRoom})
		g.ask(id, Statement)
	}
	for b.Loop() {
		if _, err := g.room.publish(b.Context(), sampleID, 0); err != nil {
			b.Fatal(err)
		}
	}
}
