// Bento with the components that this benchmark uses.
package main

import (
	"context"
	"net/http"

	"github.com/warpstreamlabs/bento/public/service"

	_ "github.com/warpstreamlabs/bento/public/components/io"
	_ "github.com/warpstreamlabs/bento/public/components/kafka"
	_ "github.com/warpstreamlabs/bento/public/components/pure"
)

func main() {
	// http_client uses this transport, which keeps two connections a host; no setting raises that.
	http.DefaultTransport.(*http.Transport).MaxIdleConnsPerHost = 16
	service.RunCLI(context.Background())
}
