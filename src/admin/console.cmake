# Writes console_files() with every file of src/admin/console/ into the source OUTPUT. When one of
# them changes, the next build begins here.
function(sluice_embed_console folder output)
  set(type_html "text/html; charset=utf-8")
  set(type_css "text/css; charset=utf-8")
  set(type_js "text/javascript; charset=utf-8")
  file(GLOB files CONFIGURE_DEPENDS ${folder}/*.html ${folder}/*.css ${folder}/*.js)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${files})
  set(entries "")
  foreach(file ${files})
    cmake_path(GET file FILENAME name)
    cmake_path(GET file EXTENSION LAST_ONLY extension)
    string(SUBSTRING ${extension} 1 -1 extension)
    set(path "/console/${name}")
    if(name STREQUAL "index.html")
      set(path "/")
    endif()
    file(READ ${file} body)
    if(body MATCHES "\\)sluice\"|[$]<")
      message(FATAL_ERROR "${file} has )sluice\" or $<, which mean something to C++ and to CMake")
    endif()
    string(APPEND entries "      ConsoleFile{\"${path}\", \"${type_${extension}}\", R\"sluice(${body})sluice\"},\n")
  endforeach()
  file(GENERATE OUTPUT ${output} CONTENT "// Made of src/admin/console/ by console.cmake.
#include <array>

#include \"admin/console.h\"

namespace sluice::admin {

std::span<const ConsoleFile> console_files() {
  static constexpr auto kFiles = std::to_array<ConsoleFile>({
${entries}  });
  return kFiles;
}

}  // namespace sluice::admin
")
endfunction()
