package page

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strconv"
)

// assets serves the style sheet, scripts and pictures under a name that holds their hash, so that a browser
// may keep them for ever.
type assets struct {
	byName map[string]asset
}

type asset struct {
	path, kind  string
	plain, gzip []byte
}

func newAssets(files fs.FS) (*assets, error) {
	a := &assets{byName: map[string]asset{}}
	return a, a.add(files)
}

// add takes the files of the folder "assets". Two files of one name are a mistake of the program.
func (a *assets) add(files fs.FS) error {
	names, err := fs.Glob(files, "assets/*")
	if err != nil {
		return err
	}
	for _, file := range names {
		body, err := fs.ReadFile(files, file)
		if err != nil {
			return err
		}
		name := path.Base(file)
		if _, taken := a.byName[name]; taken {
			return fmt.Errorf("adding assets: there are two files named %s", name)
		}
		sum := sha256.Sum256(body)
		a.byName[name] = asset{
			path:  "/assets/" + hex.EncodeToString(sum[:8]) + "/" + name,
			kind:  mime.TypeByExtension(path.Ext(name)),
			plain: body,
			gzip:  compress(body),
		}
	}
	return nil
}

// path gives an asset's address; a name that does not exist fails the page, so that tests find it.
func (a *assets) path(name string) (string, error) {
	found, ok := a.byName[name]
	if !ok {
		return "", fmt.Errorf("there is no asset %q", name)
	}
	return found.path, nil
}

func (a *assets) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	found, ok := a.byName[r.PathValue("name")]
	if !ok || found.path != r.URL.Path {
		http.NotFound(w, r)
		return
	}
	h := w.Header()
	h.Set("Content-Type", found.kind)
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("Vary", "Accept-Encoding")
	body := found.plain
	if acceptsGzip(r) {
		h.Set("Content-Encoding", "gzip")
		body = found.gzip
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	if r.Method != http.MethodHead {
		w.Write(body)
	}
}
