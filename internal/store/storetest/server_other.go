//go:build !unix

package storetest

func startOnce() (url, missing string, err error) {
	return "", "the tests start PostgreSQL themselves on Unix only; set TEST_POSTGRES_URL", nil
}
