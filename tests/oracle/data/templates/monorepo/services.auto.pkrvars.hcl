services = {
  api   = { port = 8080, runtime = "python" }
  front = { port = 3000, runtime = "node" }
}
