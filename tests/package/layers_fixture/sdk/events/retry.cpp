#if defined(_WIN32)
#endif
// catch (...) in a comment is none
void F() try {} catch (...) {}
