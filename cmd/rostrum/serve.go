package main

import (
	"context"
	"fmt"
	"strings"

	"rostrum.example/internal/app"
)

var serveCommand = &command{
	name:     "serve",
	synopsis: "--data DIR [--listen ADDR] [--host NAME,…] [--db URL] [--blobs URL] [--private ADDR]",
	summary:  "run an instance; on an empty folder the first page sets it up",
	help: `
Runs the instance in DIR until it is interrupted. On an empty folder it prints a link to the page that sets
the instance up: who runs it, its profile, the mechanism, languages, mail, backup, and the first officer.

A database written by an older program is backed up before it is changed. A proxy that speaks HTTPS should
stand in front; name the addresses that readers use with --host.

example:
  rostrum serve --data /var/lib/rostrum --listen 127.0.0.1:8053 --host dialogue.example.org
`,
	run: func(ctx context.Context, c *call, args []string) error {
		f := c.instanceFlags()
		listen := c.String("listen", "127.0.0.1:8053", "`ADDR` to listen on")
		hosts := c.String("host", "", "`NAMES` by which readers reach the instance, separated by commas")
		private := c.String("private", "", "`ADDR` of a private listener for metrics and profiles; keep it on the loopback")
		words, err := c.parse(args)
		if err != nil {
			return err
		}
		if len(words) > 0 {
			return usagef("unexpected %q", words[0])
		}
		o, err := f.options(c)
		if err != nil {
			return err
		}
		if *hosts != "" {
			o.Hosts = strings.Split(*hosts, ",")
		}
		return c.serve(ctx, o, *listen, *private, nil)
	},
}

// serve opens the instance, prints where it can be reached, and serves until ctx ends.
func (c *call) serve(ctx context.Context, o app.Options, listen, private string, prepare func(context.Context, *app.App) error) error {
	a, err := app.Open(ctx, o)
	if err != nil {
		return classify(err)
	}
	defer a.Close()
	if prepare != nil {
		if err := prepare(ctx, a); err != nil {
			return classify(err)
		}
	}
	err = a.Serve(ctx, app.Listen{Public: listen, Private: private, Ready: func(r app.Ready) {
		if c.json {
			c.printJSON(r)
			return
		}
		for _, link := range r.Links {
			fmt.Fprintf(c.stdout, "%-18s %s\n", link.Name+":", link.URL)
		}
	}})
	return classify(err)
}
